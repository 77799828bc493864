package io.hfx.cli.bench;

import io.hfx.cli.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Samples an HFX server's {@code /metrics} on a thread of its own while a load runs. A sample that
 * cannot be had is counted and left out.
 */
public final class ServerWatch {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long REST_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long REST_POLL_MILLIS = 250;
    private static final String REQUESTS = "hfx_requests_total";
    private static final String REFUSALS = "hfx_refused_requests_total";
    private static final List<String> OUTCOMES =
            List.of("finished", "refused", "failed", "aborted");

    /** Name in the report, name of the metric, and text that its labels must hold. */
    private record Figure(String name, String metric, String label) {}

    private static final List<Figure> FIGURES =
            List.of(
                    new Figure("heap_after_gc_bytes", "hfx_heap_after_gc_bytes", ""),
                    new Figure("heap_bytes", "jvm_memory_used_bytes", "area=\"heap\""),
                    new Figure("nonheap_bytes", "jvm_memory_used_bytes", "area=\"nonheap\""),
                    new Figure("direct_bytes", "jvm_buffer_memory_used_bytes", "id=\"direct\""),
                    new Figure("netty_bytes", "netty_allocator_memory_used", ""),
                    new Figure("resident_bytes", "process_resident_memory_bytes", ""),
                    new Figure("threads", "jvm_threads_live_threads", ""),
                    new Figure("open_files", "process_files_open_files", ""),
                    new Figure("kv_slots_used", "hfx_kv_slots_used", ""),
                    new Figure("requests_in_flight", "hfx_requests_in_flight", ""),
                    new Figure("requests_running", "vllm:num_requests_running", ""),
                    new Figure("requests_waiting", "vllm:num_requests_waiting", ""),
                    new Figure("worker_failures", "hfx_worker_failures_total", ""));

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(TIMEOUT)
                    .build();
    private final HttpRequest request;
    private final double everySeconds;
    private final Scrape before;
    private final long startNanos = System.nanoTime();
    private final List<Double> seconds = new ArrayList<>();
    private final List<Scrape> scrapes = new ArrayList<>();
    private int missed;
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "bench-watch");
                        thread.setDaemon(true);
                        return thread;
                    });

    private ServerWatch(Target target, double everySeconds) throws InterruptedException {
        this.everySeconds = everySeconds;
        URI metrics = target.base().resolve("metrics");
        HttpRequest.Builder builder = HttpRequest.newBuilder(metrics).timeout(TIMEOUT);
        target.apiKey().ifPresent(key -> builder.header("authorization", "Bearer " + key));
        this.request = builder.build();
        try {
            before = scrape();
        } catch (IOException e) {
            throw new UserError("--server-metrics: " + metrics + " cannot be read: " + e);
        }
        if (Double.isNaN(before.sum("hfx_requests_in_flight", ""))) {
            throw new UserError("--server-metrics: " + metrics + " is not that of an HFX server");
        }
    }

    /**
     * Begins to watch.
     *
     * @throws UserError if the target has no metrics of an HFX server
     */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the ticker
    public static ServerWatch start(Target target, double everySeconds)
            throws InterruptedException {
        ServerWatch watch = new ServerWatch(target, everySeconds);
        long everyNanos = (long) (everySeconds * 1e9);
        watch.ticker.scheduleAtFixedRate(watch::sample, 0, everyNanos, TimeUnit.NANOSECONDS);
        return watch;
    }

    /**
     * Ends the watch once the server is at rest.
     *
     * @param windowSeconds length of the workload: trends are taken over it
     */
    public ServerReport end(double windowSeconds) throws InterruptedException {
        ticker.shutdownNow();
        boolean ended = ticker.awaitTermination(TIMEOUT.toSeconds() + 1, TimeUnit.SECONDS);
        if (!ended) {
            throw new UserError("--server-metrics: the server does not answer");
        }
        Scrape last = atRest();
        return new ServerReport(
                everySeconds,
                missed,
                List.copyOf(seconds),
                samples(),
                trends(windowSeconds),
                figures(last),
                outcomes(last));
    }

    private void sample() {
        try {
            Scrape scrape = scrape();
            seconds.add((System.nanoTime() - startNanos) / 1e9);
            scrapes.add(scrape);
        } catch (IOException | RuntimeException e) {
            missed++;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Scrape scrape() throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("status " + answer.statusCode());
        }
        return Scrape.parse(answer.body());
    }

    /** The first scrape without a request in flight, or the last within the bound. */
    private Scrape atRest() throws InterruptedException {
        long untilNanos = System.nanoTime() + REST_WITHIN_NANOS;
        Scrape last = before;
        while (true) {
            try {
                last = scrape();
            } catch (IOException e) {
                missed++;
            }
            boolean busy =
                    last.sum("hfx_requests_in_flight", "") > 0
                            || last.sum("hfx_kv_slots_used", "") > 0;
            if (!busy || System.nanoTime() > untilNanos) {
                return last;
            }
            Thread.sleep(REST_POLL_MILLIS);
        }
    }

    private Map<String, List<Double>> samples() {
        Map<String, List<Double>> samples = new LinkedHashMap<>();
        for (Figure figure : FIGURES) {
            List<Double> values = new ArrayList<>();
            for (Scrape scrape : scrapes) {
                double value = scrape.sum(figure.metric(), figure.label());
                values.add(Double.isNaN(value) ? null : value);
            }
            samples.put(figure.name(), values);
        }
        return samples;
    }

    private Map<String, Trend> trends(double windowSeconds) {
        Map<String, Trend> trends = new LinkedHashMap<>();
        for (Figure figure : FIGURES) {
            List<double[]> points = new ArrayList<>();
            for (int i = 0; i < scrapes.size(); i++) {
                if (seconds.get(i) <= windowSeconds) {
                    double value = scrapes.get(i).sum(figure.metric(), figure.label());
                    points.add(new double[] {seconds.get(i), value});
                }
            }
            Trend trend = Trend.of(points);
            if (trend != null) {
                trends.put(figure.name(), trend);
            }
        }
        return trends;
    }

    private static Map<String, Double> figures(Scrape scrape) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (Figure figure : FIGURES) {
            double value = scrape.sum(figure.metric(), figure.label());
            if (!Double.isNaN(value)) {
                figures.put(figure.name(), value);
            }
        }
        return figures;
    }

    private Map<String, Long> outcomes(Scrape last) {
        Map<String, Long> outcomes = new TreeMap<>();
        for (String outcome : OUTCOMES) {
            outcomes.put(outcome, grown(last, REQUESTS, "outcome=\"" + outcome + "\""));
        }
        long refused = outcomes.getOrDefault("refused", 0L);
        outcomes.put("turned-away", grown(last, REFUSALS, "") - refused);
        return outcomes;
    }

    private long grown(Scrape last, String metric, String label) {
        double now = last.sum(metric, label);
        double then = before.sum(metric, label);
        return Math.round((Double.isNaN(now) ? 0 : now) - (Double.isNaN(then) ? 0 : then));
    }
}
