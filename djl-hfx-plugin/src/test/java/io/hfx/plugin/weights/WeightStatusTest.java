package io.hfx.plugin.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.config.HostPort;
import io.hfx.plugin.config.WeightSource;
import io.hfx.plugin.weights.WeightStatus.Phase;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightStatusTest {
    private static final long WAIT_NANOS = 2_000_000;

    private final WeightStatus status = new WeightStatus();

    private static void spin(long nanos) {
        long untilNanos = System.nanoTime() + nanos;
        while (System.nanoTime() < untilNanos) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aPhaseDoesNotCountItsWaitForWeights() {
        status.coming(WeightSource.TCP, new HostPort("127.0.0.1", 1), 100);
        long startNanos = System.nanoTime();
        String awaited =
                status.time(
                        Phase.SELF_TEST,
                        () -> {
                            String[] seen = new String[1];
                            status.await(
                                    "the.tensor",
                                    () -> {
                                        seen[0] = status.came(40).awaited();
                                        spin(WAIT_NANOS);
                                    });
                            return seen[0];
                        });
        long allNanos = System.nanoTime() - startNanos;
        assertEquals("the.tensor", awaited);
        assertNull(status.view().transfer().awaited());
        assertEquals(40, status.view().transfer().goodBytes());
        long selfTestNanos = status.view().phaseNanos().get(Phase.SELF_TEST);
        assertTrue(selfTestNanos + WAIT_NANOS <= allNanos, selfTestNanos + " of " + allNanos);
    }

    @Test
    void readyIsTheWholeFromTheStartOfTheProcess() {
        status.add(Phase.PROCESS, 5_000_000_000L);
        status.begins();
        spin(WAIT_NANOS);
        status.ready();
        Map<Phase, Long> nanos = status.view().phaseNanos();
        assertTrue(nanos.get(Phase.READY) >= 5_000_000_000L + WAIT_NANOS, nanos.toString());
    }
}
