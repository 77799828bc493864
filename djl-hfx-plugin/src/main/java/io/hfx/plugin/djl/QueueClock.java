package io.hfx.plugin.djl;

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
        timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public long nanos() {
        return System.nanoTime() - startNanos;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // it runs once, and is not waited for
    public void after(long nanos, Runnable task) {
        timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
