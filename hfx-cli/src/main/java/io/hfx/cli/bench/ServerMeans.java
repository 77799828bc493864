package io.hfx.cli.bench;

import io.hfx.cli.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Mean latencies as an HFX server's own metrics have them, between two moments. */
public final class ServerMeans {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Map<String, String> METRICS =
            Map.of(
                    "ttft", "vllm:time_to_first_token_seconds",
                    "tpot", "vllm:request_time_per_output_token_seconds",
                    "e2e", "vllm:e2e_request_latency_seconds");

    private final URI metrics;
    private final Scrape before;

    private ServerMeans(URI metrics, Scrape before) {
        this.metrics = metrics;
        this.before = before;
    }

    /** Begins. */
    public static ServerMeans since(Target target) throws InterruptedException {
        URI metrics = target.base().resolve("metrics");
        return new ServerMeans(metrics, scrape(metrics));
    }

    /**
     * Milliseconds of {@code ttft}, {@code tpot} and {@code e2e}, over the sequences that have
     * ended since; what did not occur is left out.
     */
    public Map<String, Double> millis() throws InterruptedException {
        Scrape after = scrape(metrics);
        Map<String, Double> millis = new LinkedHashMap<>();
        METRICS.forEach(
                (name, metric) -> {
                    double count = grown(after, metric + "_count");
                    if (count > 0) {
                        millis.put(name, 1e3 * grown(after, metric + "_sum") / count);
                    }
                });
        return millis;
    }

    private double grown(Scrape after, String series) {
        double then = before.sum(series, "");
        return after.sum(series, "") - (Double.isNaN(then) ? 0 : then);
    }

    private static Scrape scrape(URI metrics) throws InterruptedException {
        try {
            HttpResponse<String> answer =
                    HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(metrics).timeout(TIMEOUT).build(),
                                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                return Scrape.parse(answer.body());
            }
            throw new UserError(metrics + " answers " + answer.statusCode());
        } catch (IOException e) {
            throw new UserError(metrics + " cannot be read: " + e);
        }
    }
}
