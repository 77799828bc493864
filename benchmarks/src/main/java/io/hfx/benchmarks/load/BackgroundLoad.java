package io.hfx.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * An open loop on a thread of its own, while its owner does other things to the server. Sends one
 * request in each interval until it is stopped.
 */
public final class BackgroundLoad implements AutoCloseable {
    private static final int MOST_REQUESTS = 1_000_000;

    private final CompletableFuture<List<Sample>> result = new CompletableFuture<>();
    private volatile boolean stopped;

    /** Begins at once. */
    public BackgroundLoad(
            InetSocketAddress target, byte[] request, double perSecond, Duration drain) {
        long gapNanos = (long) (1e9 / perSecond);
        List<Due> schedule = new EvenSchedule(gapNanos);
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                result.complete(
                                        OpenLoop.run(
                                                target,
                                                schedule,
                                                List.of(request),
                                                drain,
                                                () -> stopped));
                            } catch (IOException | RuntimeException e) {
                                result.completeExceptionally(e);
                            }
                        },
                        "background-load");
        thread.setDaemon(true);
        thread.start();
    }

    /** Sends nothing more and waits for what is open; a sample for every request sent. */
    public List<Sample> stop() {
        stopped = true;
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new UncheckedIOException(cause);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        stopped = true;
    }

    /** Made as it is looked at. */
    private static final class EvenSchedule extends AbstractList<Due> {
        private final long gapNanos;

        EvenSchedule(long gapNanos) {
            this.gapNanos = gapNanos;
        }

        @Override
        public Due get(int index) {
            return new Due(index * gapNanos, 0);
        }

        @Override
        public int size() {
            return MOST_REQUESTS;
        }
    }
}
