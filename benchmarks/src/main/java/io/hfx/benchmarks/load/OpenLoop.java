package io.hfx.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Sends requests at their times, whatever the server does, and never again. */
public final class OpenLoop {
    /** Between looks at whether to stop. */
    private static final long MOST_WAIT_NANOS = 20_000_000;

    private final HttpLoop loop;
    private final List<Due> schedule;
    private final List<byte[]> requests;
    private final Map<Integer, Long> openSentNanos = new LinkedHashMap<>();
    private final List<Sample> samples = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    private OpenLoop(HttpLoop loop, List<Due> schedule, List<byte[]> requests) {
        this.loop = loop;
        this.schedule = schedule;
        this.requests = requests;
    }

    /**
     * Runs to the last answer, or until {@code drain} after the last sending: what is open then is
     * {@link Sample#UNANSWERED}.
     *
     * @param requests by kind
     * @return a sample for every request of the schedule, in order of their ends
     */
    public static List<Sample> run(
            InetSocketAddress target, List<Due> schedule, List<byte[]> requests, Duration drain)
            throws IOException {
        return run(target, schedule, requests, drain, () -> false);
    }

    /** As the other, and sends nothing more, and drains, once {@code stop} says so. */
    static List<Sample> run(
            InetSocketAddress target,
            List<Due> schedule,
            List<byte[]> requests,
            Duration drain,
            BooleanSupplier stop)
            throws IOException {
        try (HttpLoop loop = new HttpLoop(target)) {
            OpenLoop run = new OpenLoop(loop, schedule, requests);
            run.play(drain.toNanos(), stop);
            return run.samples;
        }
    }

    private void play(long drainNanos, BooleanSupplier stop) throws IOException {
        int next = 0;
        long endNanos = Long.MAX_VALUE;
        while (endNanos == Long.MAX_VALUE || (!openSentNanos.isEmpty() && nowNanos() < endNanos)) {
            boolean sending = next < schedule.size() && !stop.getAsBoolean();
            if (!sending && endNanos == Long.MAX_VALUE) {
                endNanos = nowNanos() + drainNanos;
            }
            while (sending
                    && next < schedule.size()
                    && schedule.get(next).atNanos() <= nowNanos()) {
                send(next++);
            }
            long wakeNanos =
                    sending && next < schedule.size() ? schedule.get(next).atNanos() : endNanos;
            loop.poll(Math.min(wakeNanos - nowNanos(), MOST_WAIT_NANOS));
        }
        for (int index : List.copyOf(openSentNanos.keySet())) {
            ended(index, null, Sample.UNANSWERED);
        }
    }

    private long nowNanos() {
        return System.nanoTime() - startNanos;
    }

    private void send(int index) throws IOException {
        openSentNanos.put(index, nowNanos());
        loop.send(
                requests.get(schedule.get(index).kind()),
                new HttpLoop.Listener() {
                    @Override
                    public void answered(Response response) {
                        ended(index, response, null);
                    }

                    @Override
                    public void broken(String why) {
                        ended(index, null, why);
                    }
                });
    }

    private void ended(int index, @Nullable Response response, @Nullable String failure) {
        Long sentNanos = openSentNanos.remove(index);
        if (sentNanos != null) {
            samples.add(new Sample(schedule.get(index), sentNanos, nowNanos(), response, failure));
        }
    }
}
