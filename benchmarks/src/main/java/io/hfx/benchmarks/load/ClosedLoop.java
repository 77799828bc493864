package io.hfx.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** A number of clients, each with one request in progress all the time. */
public final class ClosedLoop {
    private static final Duration WARM_UP_LIMIT = Duration.ofMinutes(10);

    private ClosedLoop() {}

    /**
     * What came of it.
     *
     * @param completed answers of status 200
     * @param failed all others
     * @param firstFailure what the first of them was; null if there was none
     * @param seconds from the first sending to the end
     * @param latency of the completed
     */
    public record Result(
            long completed,
            long failed,
            @Nullable String firstFailure,
            double seconds,
            Latencies.@Nullable Summary latency) {
        public double perSecond() {
            return completed / seconds;
        }
    }

    /**
     * Runs for {@code length}; answers that come later do not count. The requests are sent in turn.
     */
    public static Result run(
            InetSocketAddress target, List<byte[]> requests, int clients, Duration length)
            throws IOException {
        return run(target, requests, clients, length, Long.MAX_VALUE);
    }

    /**
     * Runs until {@code answers} of status 200 have come.
     *
     * @throws IllegalStateException if they have not after ten minutes
     */
    public static void warmUp(
            InetSocketAddress target, List<byte[]> requests, int clients, long answers)
            throws IOException {
        Result result = run(target, requests, clients, WARM_UP_LIMIT, answers);
        if (result.completed() < answers) {
            throw new IllegalStateException("the server does not warm up: " + result);
        }
    }

    /** As the other, and stops after {@code enough} completed answers. */
    public static Result run(
            InetSocketAddress target,
            List<byte[]> requests,
            int clients,
            Duration length,
            long enough)
            throws IOException {
        try (HttpLoop loop = new HttpLoop(target)) {
            Clients all = new Clients(loop, requests, System.nanoTime() + length.toNanos());
            for (int i = 0; i < clients; i++) {
                all.next();
            }
            all.pollUntil(now -> now >= all.endNanos || all.completed >= enough);
            return all.result();
        }
    }

    private static final class Clients {
        private final HttpLoop loop;
        private final List<byte[]> requests;
        private final long startNanos = System.nanoTime();
        private final long endNanos;
        private final Latencies latencies = new Latencies();
        private int sent;
        private long completed;
        private long failed;
        private int again;
        private @Nullable String firstFailure;

        Clients(HttpLoop loop, List<byte[]> requests, long endNanos) {
            this.loop = loop;
            this.requests = requests;
            this.endNanos = endNanos;
        }

        void next() throws IOException {
            long sentNanos = System.nanoTime();
            byte[] request = requests.get(sent++ % requests.size());
            loop.send(
                    request,
                    new HttpLoop.Listener() {
                        @Override
                        public void answered(Response response) {
                            ended(sentNanos, response.status(), "status " + response.status());
                        }

                        @Override
                        public void broken(String why) {
                            ended(sentNanos, 0, why);
                        }
                    });
        }

        private void ended(long sentNanos, int status, String what) {
            long now = System.nanoTime();
            if (now > endNanos) {
                return;
            }
            if (status == 200) {
                completed++;
                latencies.add(now - sentNanos);
            } else {
                failed++;
                firstFailure = firstFailure == null ? what : firstFailure;
            }
            again++;
        }

        void pollUntil(LongPredicate done) throws IOException {
            for (long now = System.nanoTime(); !done.test(now); now = System.nanoTime()) {
                loop.poll(endNanos - now);
                while (again > 0) {
                    again--;
                    next();
                }
            }
        }

        Result result() {
            return new Result(
                    completed,
                    failed,
                    firstFailure,
                    (Math.min(endNanos, System.nanoTime()) - startNanos) / 1e9,
                    latencies.summary());
        }
    }
}
