package io.hfx.plugin.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.transfer.Pacer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SeedPacingTest {
    private static void await(Pacer pacer, long bytesPerSecond) {
        long untilNanos = System.nanoTime() + 30_000_000_000L;
        while (pacer.bytesPerSecond() != bytesPerSecond) {
            assertTrue(System.nanoTime() < untilNanos, "not within 30 s");
            Thread.onSpinWait();
        }
    }

    @Test
    void slowWhileBusyAndFreeElse() {
        Pacer pacer = new Pacer(Pacer.UNLIMITED);
        AtomicBoolean busy = new AtomicBoolean(true);
        try (SeedPacing pacing = new SeedPacing(pacer, 5_000_000, busy::get)) {
            assertTrue(pacing != null);
            await(pacer, 5_000_000);
            busy.set(false);
            await(pacer, Pacer.UNLIMITED);
            busy.set(true);
            await(pacer, 5_000_000);
        }
        assertEquals(5_000_000, pacer.bytesPerSecond());
    }
}
