package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.TensorImage;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PacerTest {
    @Test
    void aPacedTransferKeepsToTheRate() {
        Pacer pacer = new Pacer(1 << 20);
        long startNanos = System.nanoTime();
        long waitNanos = 0;
        for (int i = 0; i < 100; i++) {
            waitNanos = pacer.waitNanos(pacer.reserve(1 << 20));
        }
        long elapsedNanos = System.nanoTime() - startNanos;
        long dueNanos = Duration.ofSeconds(99).toNanos();
        long slackNanos = Duration.ofMillis(10).toNanos();
        assertTrue(waitNanos <= dueNanos + slackNanos, waitNanos + " ns");
        assertTrue(waitNanos + elapsedNanos >= dueNanos - slackNanos, waitNanos + " ns");
        pacer.setBytesPerSecond(Pacer.UNLIMITED);
        assertEquals(0, pacer.waitNanos(pacer.reserve(1 << 30)));
        assertThrows(IllegalArgumentException.class, () -> pacer.setBytesPerSecond(0));
    }

    /** A throttle that lets go must not leave links waiting at the old rate. */
    @Test
    void aNewRateHoldsForWhatWaits() {
        Pacer pacer = new Pacer(1024);
        pacer.reserve(1 << 20);
        long place = pacer.reserve(1 << 20);
        assertTrue(pacer.waitNanos(place) > Duration.ofMinutes(15).toNanos());
        pacer.setBytesPerSecond(1 << 30);
        assertTrue(pacer.waitNanos(place) <= Duration.ofMillis(1).toNanos());
        assertTrue(pacer.waitNanos(pacer.reserve(1 << 20)) <= Duration.ofMillis(2).toNanos());
        pacer.setBytesPerSecond(1024);
        pacer.reserve(1 << 20);
        place = pacer.reserve(1 << 20);
        pacer.setBytesPerSecond(Pacer.UNLIMITED);
        assertEquals(0, pacer.waitNanos(place));
        pacer.setBytesPerSecond(1 << 20);
        assertTrue(pacer.waitNanos(pacer.reserve(1)) <= Duration.ofSeconds(1).toNanos());
    }

    @Test
    void aPacedLinkSeesANewRate() throws Exception {
        TensorImage image = Fleet.small(67);
        Pacer pacer = new Pacer(1024);
        SeedOptions paced = SeedOptions.loopback().withLimits(Fleet.LIMITS).withPacer(pacer);
        ExecutorService threads = Fleet.threads();
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), paced)) {
            Future<TensorImage> copy = threads.submit(() -> Fleet.join(1, seed));
            Fleet.await(() -> seed.sentBytes() > 0, "the first piece goes out");
            pacer.setBytesPerSecond(1 << 30);
            Fleet.assertSame(image, Fleet.get(copy));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aPacedImageArrivesWhole() {
        TensorImage image = Fleet.small(66);
        SeedOptions paced =
                SeedOptions.loopback().withLimits(Fleet.LIMITS).withPacer(new Pacer(20 << 20));
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), paced)) {
            Fleet.assertSame(image, Fleet.join(2, seed));
        }
    }
}
