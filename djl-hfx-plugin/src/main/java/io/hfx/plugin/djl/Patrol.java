package io.hfx.plugin.djl;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks ten times a second after what the server does not tell of: workers that end, scale down, or
 * never come. Has one thread; thread-safe.
 */
final class Patrol implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Patrol.class);
    private static final long PERIOD_MILLIS = 100;

    private final List<BooleanSupplier> posts = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "hfx-patrol");
                        thread.setDaemon(true);
                        return thread;
                    });

    @SuppressWarnings("FutureReturnValueIgnored") // it runs until closed and does not fail
    Patrol() {
        executor.scheduleWithFixedDelay(
                this::round, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * @param post quick; returns whether to look again
     */
    void add(BooleanSupplier post) {
        posts.add(post);
    }

    private void round() {
        posts.removeIf(post -> !look(post));
    }

    private static boolean look(BooleanSupplier post) {
        try {
            return post.getAsBoolean();
        } catch (Throwable e) { // an error must not end the rounds of all models
            LOG.error("a queue could not be looked after", e);
            return true;
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
