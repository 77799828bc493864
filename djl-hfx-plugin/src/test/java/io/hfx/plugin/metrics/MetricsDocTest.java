package io.hfx.plugin.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.testing.TestServer;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/metrics.md lists exactly what a scrape shows, with the same types. */
class MetricsDocTest {
    private static final Path DOC =
            Path.of("").toAbsolutePath().getParent().resolve("docs/metrics.md");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z0-9_:]+)` \\| (counter|gauge|histogram) \\|");
    private static final String BODY = "{\"model\":\"fake/model\",\"prompt\":\"abc\"}";

    private static String scrapeAfterTraffic() throws Exception {
        try (TestServer server = new TestServer()) {
            assertEquals(200, server.post("/v1/completions", BODY).status());
            server.model.refusal = new Refusal(429, "queue-full", "full", 0);
            assertEquals(429, server.post("/v1/completions", BODY).status());
            return server.get("/metrics").body();
        }
    }

    private static Map<String, String> named(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .collect(
                        Collectors.toMap(
                                match -> match.group(1),
                                (MatchResult match) -> match.group(2),
                                (a, b) -> a,
                                TreeMap::new));
    }

    /**
     * Micrometer's, of which the document lists the useful ones: which there are depends on the
     * JVM.
     */
    private static boolean isOfTheProcess(String name) {
        return name.matches("(jvm|process|system|netty)_.*");
    }

    /** What the document lists between one heading and the next. */
    private static Map<String, String> documented(String heading) throws Exception {
        String text = Files.readString(DOC);
        int from = text.indexOf("\n## " + heading + "\n");
        assertTrue(from >= 0, "no section " + heading);
        int to = text.indexOf("\n## ", from + 1);
        return named(ROW, text.substring(from, to < 0 ? text.length() : to));
    }

    private static String scrapeAfterABatch() {
        try (Meters meters = new Meters()) {
            ModelFigures model = new QueueMeters(meters).add("m", Map::of);
            ClassFigures figures = model.of(SloClass.BEST_EFFORT);
            figures.refused(Slo.BEST_EFFORT, "queue-full");
            return Objects.requireNonNull(meters.scrape());
        }
    }

    @Test
    void documentAndScrapeOfQueuesAgree() throws Exception {
        Map<String, String> scraped = named(TYPE, scrapeAfterABatch());
        scraped.keySet().removeIf(name -> name.endsWith("_max"));
        scraped.keySet().removeIf(MetricsDocTest::isOfTheProcess);
        Map<String, String> documented = documented("Requests served whole");
        Map<String, String> shared = documented("HFX");
        for (Map.Entry<String, String> metric : Map.copyOf(scraped).entrySet()) {
            if (metric.getValue().equals(shared.get(metric.getKey()))) {
                scraped.remove(metric.getKey());
            }
        }
        scraped.remove("hfx_heap_after_gc_bytes");
        assertEquals(scraped, documented);
    }

    @Test
    void documentAndScrapeAgree() throws Exception {
        Map<String, String> scraped = named(TYPE, scrapeAfterTraffic());
        scraped.keySet().removeIf(name -> name.endsWith("_max"));
        Map<String, String> documented = documented("Names of vLLM");
        documented.putAll(documented("HFX"));
        documented.putAll(documented("The process"));
        for (String name : List.copyOf(documented.keySet())) {
            if (isOfTheProcess(name)) {
                assertEquals(documented.remove(name), scraped.get(name), name);
            }
        }
        scraped.keySet().removeIf(MetricsDocTest::isOfTheProcess);
        assertEquals(scraped, documented);
    }

    @Test
    void figuresAreThoseOfTheTraffic() throws Exception {
        String scrape = scrapeAfterTraffic();
        for (String line :
                new String[] {
                    "vllm:num_requests_running{model_name=\"fake/model\"} 2.0",
                    "vllm:num_requests_waiting{model_name=\"fake/model\"} 1.0",
                    "vllm:kv_cache_usage_perc{model_name=\"fake/model\"} 0.75",
                    "vllm:prompt_tokens_total{model_name=\"fake/model\"} 4.0",
                    "vllm:generation_tokens_total{model_name=\"fake/model\"} 5.0",
                    "vllm:time_to_first_token_seconds_count{model_name=\"fake/model\"} 1",
                    "vllm:inter_token_latency_seconds_count{model_name=\"fake/model\"} 4",
                    "vllm:e2e_request_latency_seconds_count{model_name=\"fake/model\"} 1",
                    "vllm:request_success_total{finished_reason=\"stop\",model_name=\"fake/model\"}"
                            + " 1.0",
                    "hfx_slo_met_total{mode=\"mean\",model_name=\"fake/model\",slo_class=\"chat\"}"
                            + " 1.0",
                    "hfx_slo_requests_total{mode=\"tail\",model_name=\"fake/model\","
                            + "slo_class=\"chat\"} 2.0",
                    "hfx_refused_requests_total{model_name=\"fake/model\",reason=\"queue-full\","
                            + "slo_class=\"chat\"} 1.0",
                    "hfx_worker_failures_total{cause=\"executor\",model_name=\"fake/model\"} 2.0",
                    "hfx_worker_restarts_total{cause=\"executor\",model_name=\"fake/model\"} 1.0",
                    "hfx_worker_restarts_total{cause=\"kv-exhausted\",model_name=\"fake/model\"} 0.0",
                    "hfx_worker_steps_total{model_name=\"fake/model\",worker=\"0\"} 7.0",
                    "hfx_latency_model_mape{model_name=\"fake/model\",worker=\"0\"} 0.125",
                    "hfx_latency_model_bias{model_name=\"fake/model\",worker=\"0\"} -0.0625",
                    "hfx_worker_loop_cpu_seconds_total{model_name=\"fake/model\",worker=\"0\"} 1.5"
                }) {
            assertTrue(scrape.contains(line + "\n"), line + " is not in\n" + scrape);
        }
    }
}
