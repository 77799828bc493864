package io.hfx.simulator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs side by side on a fixed number of threads; each run stays on one. */
public final class ParallelRuns implements AutoCloseable {
    private final ExecutorService pool;
    private final Runnable oneDone;

    /**
     * @param threads at least 1
     * @param oneDone told after each, on any thread
     */
    public ParallelRuns(int threads, Runnable oneDone) {
        this.pool =
                Executors.newFixedThreadPool(
                        threads,
                        task -> {
                            Thread thread = new Thread(task, "hfx-simulate");
                            thread.setDaemon(true);
                            return thread;
                        });
        this.oneDone = oneDone;
    }

    /**
     * Does all of them.
     *
     * @return what they gave, in the order of the tasks
     * @throws RuntimeException that of the first task that fails; the others are given up
     */
    public <T> List<T> all(List<Callable<T>> tasks) throws InterruptedException {
        List<Future<T>> futures = new ArrayList<>();
        for (Callable<T> task : tasks) {
            futures.add(
                    pool.submit(
                            () -> {
                                T result = task.call();
                                oneDone.run();
                                return result;
                            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(get(future));
        }
        return results;
    }

    private static <T> T get(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ScenarioException || e.getCause() instanceof Error) {
                throw rethrown(e.getCause());
            }
            throw new IllegalStateException("a run failed: " + e.getCause(), e.getCause());
        }
    }

    private static RuntimeException rethrown(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return (RuntimeException) cause;
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
