package io.hfx.plugin.weights;

import io.hfx.d2d.transfer.Pacer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Slows a seed down while its own requests run: looks every {@value #EVERY_MILLIS} ms, and lets it
 * go at full speed when nothing runs.
 */
final class SeedPacing implements AutoCloseable {
    private static final long EVERY_MILLIS = 10;

    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(
                    new DefaultThreadFactory("hfx-seed-pace", true));

    /**
     * Begins to pace.
     *
     * @param bytesPerSecond while requests run
     * @param busy whether links pull and requests run; cheap, any thread
     */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the ticker
    SeedPacing(Pacer pacer, long bytesPerSecond, BooleanSupplier busy) {
        ticker.scheduleWithFixedDelay(
                () ->
                        pacer.setBytesPerSecond(
                                busy.getAsBoolean() ? bytesPerSecond : Pacer.UNLIMITED),
                0,
                EVERY_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
