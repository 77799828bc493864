package io.hfx.plugin.djl;

import ai.djl.serving.wlm.WorkerPool;
import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a pool whose jobs wait a worker where none runs, each time on a thread of its own, as a
 * worker may take minutes to load; after one that was in vain, the next attempt comes later and
 * later. Thread-safe; its lock guards the attempts.
 */
final class Regrowth {
    private static final Logger LOG = LoggerFactory.getLogger(Regrowth.class);
    private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
    private static final long MOST_PAUSE_NANOS = 60_000_000_000L;

    private final ServerInternals internals;

    /** By pool; weak, as a pool may go while an attempt runs. */
    private final Map<WorkerPool<?, ?>, Attempt> attempts = new WeakHashMap<>();

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
    synchronized void worked(WorkerPool<?, ?> pool) {
        Attempt last = attempts.get(pool);
        if (last != null && !last.runs) {
            attempts.remove(pool);
        }
    }

    /** Begins an attempt unless one runs or it is too soon. */
    synchronized void attempt(WorkerPool<?, ?> pool) {
        long pauseNanos = FIRST_PAUSE_NANOS;
        Attempt last = attempts.get(pool);
        if (last != null) {
            if (last.runs || System.nanoTime() - last.endedNanos < last.pauseNanos) {
                return;
            }
            pauseNanos = Math.min(MOST_PAUSE_NANOS, 2 * last.pauseNanos);
        }
        attempts.put(pool, new Attempt(true, 0, pauseNanos));
        Thread thread = new Thread(() -> grow(pool), "hfx-grow-" + pool.getWpc().getId());
        thread.setDaemon(true);
        thread.start();
    }

    private synchronized void ended(WorkerPool<?, ?> pool) {
        attempts.computeIfPresent(
                pool, (p, attempt) -> new Attempt(false, System.nanoTime(), attempt.pauseNanos));
    }

    private void grow(WorkerPool<?, ?> pool) {
        String model = pool.getWpc().getId();
        try {
            LOG.info("model {} has no worker, and jobs wait: one starts", model);
            synchronized (pool) {
                Scaling.prune(pool);
                internals.addWorker(pool);
            }
        } catch (RuntimeException e) {
            LOG.error("model {} gets no worker", model, e);
        } finally {
            ended(pool);
        }
    }
}
