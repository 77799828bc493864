package io.hfx.plugin.djl;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The clock of all queues, with one thread that wakes them; nobody once closed. Thread-safe. */
final class QueueClock implements JobQueue.Clock, AutoCloseable {
    private final long startNanos = System.nanoTime();
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(
                    1,
                    task -> {
                        Thread thread = new Thread(task, "hfx-timer");
                        thread.setDaemon(true);
                        return thread;
                    });

    QueueClock() {
        timer.setRemoveOnCancelPolicy(true);
        timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public long nanos() {
        return System.nanoTime() - startNanos;
    }

    @Override
    public Runnable after(long nanos, Runnable task) {
        ScheduledFuture<?> call = timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
        return () -> call.cancel(false);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
