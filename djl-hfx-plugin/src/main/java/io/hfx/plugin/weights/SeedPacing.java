package io.hfx.plugin.weights;

import io.hfx.d2d.transfer.Pacer;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.step.StepTime;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows a seed down while its own requests run: to a rate that is configured, and to what its steps
 * bear. Looks every {@value #EVERY_MILLIS} ms, and lets it go at full speed when nothing runs. Any
 * thread.
 */
final class SeedPacing implements AutoCloseable {
    private static final long EVERY_MILLIS = 10;

    /** Workers come and go; those of the past need not be known. */
    private static final int MOST_WORKERS = 1024;

    private final Pacer pacer;
    private final long mostBytesPerSecond;
    private final @Nullable EgressThrottle throttle;
    private final BooleanSupplier giving;
    private final BooleanSupplier running;
    private final Map<WorkerId, UnhurtSteps> workers = new HashMap<>();
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(
                    new DefaultThreadFactory("hfx-seed-pace", true));
    private boolean gave;

    /**
     * @param mostBytesPerSecond while requests run
     * @param throttle of the rate below that; null for none
     * @param giving whether links pull; cheap, any thread
     * @param running whether requests run; cheap, any thread
     */
    SeedPacing(
            Pacer pacer,
            long mostBytesPerSecond,
            @Nullable EgressThrottle throttle,
            BooleanSupplier giving,
            BooleanSupplier running) {
        this.pacer = pacer;
        this.mostBytesPerSecond = mostBytesPerSecond;
        this.throttle = throttle;
        this.giving = giving;
        this.running = running;
    }

    /** Begins to pace. */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the ticker
    void start() {
        ticker.scheduleWithFixedDelay(this::pace, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void pace() {
        boolean busy = giving.getAsBoolean() && running.getAsBoolean();
        pacer.setBytesPerSecond(busy ? busyBytesPerSecond() : Pacer.UNLIMITED);
    }

    private synchronized long busyBytesPerSecond() {
        return throttle == null
                ? mostBytesPerSecond
                : Math.min(mostBytesPerSecond, look(throttle).bytesPerSecond());
    }

    /** A step of a worker of this server ended; on that worker's thread. */
    synchronized void stepped(StepTime step) {
        if (throttle == null) {
            return;
        }
        look(throttle);
        if (workers.size() >= MOST_WORKERS) {
            workers.clear();
        }
        workers.computeIfAbsent(step.worker(), id -> new UnhurtSteps())
                .slowdown(step, gave)
                .ifPresent(ratio -> throttle.stepped(step.atNanos(), ratio));
    }

    private EgressThrottle look(EgressThrottle its) {
        boolean gives = giving.getAsBoolean();
        if (gives && !gave) {
            its.begin();
        }
        gave = gives;
        return its;
    }

    /** How the throttle stands; null where there is none. */
    synchronized WeightStatus.@Nullable Throttling figures() {
        if (throttle == null) {
            return null;
        }
        long rate = pacer.bytesPerSecond();
        return new WeightStatus.Throttling(
                throttle.tolerated(),
                throttle.slowdown(),
                rate == Pacer.UNLIMITED ? null : rate,
                throttle.cuts());
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
