package io.hfx.plugin.djl;

import ai.djl.serving.wlm.WorkerPool;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a pool whose jobs wait a worker where none runs, each time on a thread of its own, as a
 * worker may take minutes to load; after one that was in vain, the next attempt comes later and
 * later. Thread-safe.
 */
final class Regrowth {
    private static final Logger LOG = LoggerFactory.getLogger(Regrowth.class);
    private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
    private static final long MOST_PAUSE_NANOS = 60_000_000_000L;

    private final ServerInternals internals;
    private final Map<WorkerPool<?, ?>, Attempt> attempts = new ConcurrentHashMap<>();

    /**
     * The newest attempt.
     *
     * @param runs whether it has not ended
     * @param endedNanos when it did
     * @param pauseNanos until the next may begin, unless a worker runs meanwhile
     */
    private record Attempt(boolean runs, long endedNanos, long pauseNanos) {}

    Regrowth(ServerInternals internals) {
        this.internals = internals;
    }

    /** A worker of the pool runs, or the pool is gone. */
    void worked(WorkerPool<?, ?> pool) {
        attempts.computeIfPresent(pool, (p, attempt) -> attempt.runs ? attempt : null);
    }

    /** Begins an attempt unless one runs or it is too soon. */
    void attempt(WorkerPool<?, ?> pool) {
        long nowNanos = System.nanoTime();
        boolean[] begins = new boolean[1];
        attempts.compute(
                pool,
                (p, last) -> {
                    begins[0] =
                            last == null
                                    || (!last.runs
                                            && nowNanos - last.endedNanos >= last.pauseNanos);
                    long pauseNanos =
                            last == null
                                    ? FIRST_PAUSE_NANOS
                                    : Math.min(MOST_PAUSE_NANOS, 2 * last.pauseNanos);
                    return begins[0] ? new Attempt(true, 0, pauseNanos) : last;
                });
        if (begins[0]) {
            Thread thread = new Thread(() -> grow(pool), "hfx-grow-" + pool.getWpc().getId());
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void grow(WorkerPool<?, ?> pool) {
        String model = pool.getWpc().getId();
        try {
            LOG.info("model {} has no worker, and jobs wait: one starts", model);
            synchronized (pool) {
                // the server counts workers that have stopped for a minute
                pool.getWorkerGroups()
                        .values()
                        .forEach(group -> group.getWorkers().removeIf(w -> !w.isRunning()));
                internals.addWorker(pool);
            }
        } catch (RuntimeException e) {
            LOG.error("model {} gets no worker", model, e);
        } finally {
            attempts.computeIfPresent(
                    pool,
                    (p, attempt) -> new Attempt(false, System.nanoTime(), attempt.pauseNanos));
        }
    }
}
