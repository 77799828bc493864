package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import io.hfx.harness.FixedTimeEngine;
import io.hfx.plugin.auth.AccessKey;
import io.hfx.plugin.auth.Role;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** Metrics, status and the pages of single requests in a real DJL Serving. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class WatchTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";
    private static final String CLASSES =
            "{\"classes\":[{\"name\":\"tight\",\"e2e_ms\":30,\"on_miss\":\"reject\"},"
                    + "{\"name\":\"loose\",\"e2e_ms\":60000}]}";

    @TempDir Path folder;

    private static double metric(String scrape, String name, String... holding) {
        Matcher line = Pattern.compile("(?m)^" + name + "\\{(.*)\\} (\\S+)$").matcher(scrape);
        double sum = 0;
        while (line.find()) {
            boolean all = true;
            for (String label : holding) {
                all &= line.group(1).contains(label);
            }
            sum += all ? Double.parseDouble(line.group(2)) : 0;
        }
        return sum;
    }

    @Test
    void everyRequestIsCountedByClassAndOutcomeBesideTheServersOwnMetrics() throws Exception {
        Path classes = Files.writeString(folder.resolve("classes.json"), CLASSES);
        DjlSetup setup =
                new DjlSetup(folder)
                        .fixedTime("slow", 20_000, ONE_WORKER)
                        .onnx("double", ONE_WORKER)
                        .with("hfx_slo_classes", classes)
                        .environment("SERVING_PROMETHEUS", "true");
        try (DjlServer server = setup.start()) {
            for (int i = 0; i < 10; i++) {
                server.post("/predictions/slow", "x", Map.of("x-slo-class", "loose"));
            }
            server.post("/predictions/double", "[[1]]", Map.of());
            List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                sent.add(
                        server.postAsync("/predictions/slow", "x", Map.of("x-slo-class", "tight")));
            }
            Map<Integer, Integer> answers = new TreeMap<>();
            for (CompletableFuture<HttpResponse<String>> each : sent) {
                answers.merge(each.get().statusCode(), 1, Integer::sum);
            }
            HttpResponse<String> answer = server.get("/metrics");
            assertEquals(200, answer.statusCode(), answer.body());
            assertTrue(answer.headers().firstValue("content-type").orElse("").contains("0.0.4"));
            String scrape = answer.body();
            String slow = "model_name=\"slow\"";
            String loose = "slo_class=\"loose\"";
            String tight = "slo_class=\"tight\"";
            String mean = "mode=\"mean\"";
            assertEquals(10, metric(scrape, "hfx_slo_requests_total", slow, loose, mean));
            assertEquals(10, metric(scrape, "hfx_slo_met_total", slow, loose, mean));
            assertEquals(8, metric(scrape, "hfx_slo_requests_total", slow, tight, mean));
            double refused = answers.getOrDefault(429, 0);
            assertTrue(refused > 0, answers.toString());
            assertEquals(
                    refused,
                    metric(scrape, "hfx_refused_requests_total", slow, tight, "slo-out-of-reach"));
            assertEquals(
                    (double) answers.getOrDefault(200, 0),
                    metric(scrape, "hfx_requests_total", slow, tight, "outcome=\"finished\""));
            double ran = 10.0 + answers.getOrDefault(200, 0);
            assertEquals(ran, metric(scrape, "hfx_queue_wait_seconds_count", slow));
            assertEquals(ran, metric(scrape, "hfx_batch_requests_sum", slow));
            double measured = metric(scrape, "hfx_batch_seconds_sum", slow);
            assertTrue(measured >= 0.02 * (ran - 1), "batches took " + measured + " s");
            assertEquals(
                    1,
                    metric(
                            scrape,
                            "hfx_requests_total",
                            "double",
                            "slo_class=\"best-effort\"",
                            "fin"));
            HttpResponse<String> own = server.get("/server/metrics");
            assertEquals(200, own.statusCode());
            assertTrue(own.body().contains("RequestLatency"), own.body());
            assertFalse(own.body().contains("hfx_"), own.body());

            assertEquals(200, server.send("DELETE", "/models/slow").statusCode());
            String after = server.get("/metrics").body();
            assertFalse(after.contains(slow), after);
            assertTrue(after.contains("model_name=\"double\""), after);
        }
    }

    @Test
    void theStatusTellsModelsAndServer() throws Exception {
        DjlSetup setup = new DjlSetup(folder).fixedTime("slow", 20_000, ONE_WORKER, "batch_size=4");
        try (DjlServer server = setup.start()) {
            for (int i = 0; i < 5; i++) {
                server.post("/predictions/slow", "x", Map.of());
            }
            HttpResponse<String> answer = server.get("/hfx/status");
            assertEquals(200, answer.statusCode(), answer.body());
            assertEquals(
                    "application/json", answer.headers().firstValue("content-type").orElse(""));
            JsonNode status = JSON.readTree(answer.body());
            assertTrue(status.at("/server/schedules").asBoolean(), answer.body());
            assertEquals(
                    server.uri("").toString(), status.at("/server/inference_address").asText());
            JsonNode model = status.at("/models/0");
            assertEquals("slow", model.get("model").asText());
            assertEquals(FixedTimeEngine.NAME, model.get("engine").asText());
            assertEquals("hfx-whole", model.get("policy").asText());
            assertEquals(4, model.get("batch_size").asInt());
            assertEquals(1, model.get("workers").size());
            assertEquals(5, model.at("/classes/best-effort/finished").asInt(), answer.body());
            assertTrue(model.at("/batches/ended").asInt() >= 4, answer.body());
            assertTrue(model.at("/batches/mean_ms").asDouble() >= 20, answer.body());
            assertTrue(model.at("/batches/latency_model").has("batch_ms"), answer.body());
            assertEquals(404, server.send("POST", "/hfx/status").statusCode(), "as stock");
        }
    }

    @Test
    void aRequestIsFoundByTheIdOfItsAnswer() throws Exception {
        try (DjlServer server = new DjlSetup(folder).fixedTime("slow", 1_000, ONE_WORKER).start()) {
            HttpResponse<String> mine =
                    server.post(
                            "/predictions/slow",
                            "a secret",
                            Map.of("x-request-id", "my id/1", "x-slo-e2e-ms", "30000"));
            assertEquals("my id/1", mine.headers().firstValue("x-request-id").orElse(""));
            HttpResponse<String> page = server.get("/hfx/requests/my%20id/1");
            assertEquals(200, page.statusCode(), page.body());
            assertFalse(page.body().contains("secret"), page.body());
            JsonNode job = JSON.readTree(page.body()).at("/jobs/0");
            assertEquals(30_000, job.at("/objectives/e2e_ms").asInt(), page.body());
            List<String> kinds = new ArrayList<>();
            job.get("decisions").forEach(each -> kinds.add(each.get("what").asText()));
            assertEquals(List.of("queued", "bound", "batched", "finished"), kinds);

            HttpResponse<String> other = server.post("/predictions/slow", "x", Map.of());
            String id = other.headers().firstValue("x-request-id").orElseThrow();
            assertEquals(200, server.get("/hfx/requests/" + id).statusCode());
            assertEquals(404, server.get("/hfx/requests/unknown").statusCode());
        }
    }

    @Test
    void withKeysOnlyAnAdminKeyOpensThePages() throws Exception {
        Path keys =
                Files.createFile(
                        folder.resolve("keys"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        String web = AccessKey.newSecret();
        String ops = AccessKey.newSecret();
        Files.writeString(keys, line(Role.INFERENCE, web) + line(Role.ADMIN, ops));
        DjlSetup setup =
                new DjlSetup(folder).onnx("double", ONE_WORKER).with("hfx_keys_file", keys);
        try (DjlServer server = setup.start()) {
            for (String path : List.of("/metrics", "/hfx/status")) {
                HttpResponse<String> keyless = server.get(path);
                assertEquals(401, keyless.statusCode());
                assertEquals("Bearer", keyless.headers().firstValue("www-authenticate").orElse(""));
                assertEquals(403, server.get(path, "authorization", "Bearer " + web).statusCode());
                assertEquals(200, server.get(path, "authorization", "Bearer " + ops).statusCode());
            }
            String unknown = "/hfx/requests/x";
            assertEquals(404, server.get(unknown, "authorization", "Bearer " + ops).statusCode());
            assertEquals(200, server.post("/predictions/double", "[[1]]", Map.of()).statusCode());
        }
    }

    private static String line(Role role, String secret) {
        return new AccessKey(role, role.text(), AccessKey.hash(secret), null).line() + "\n";
    }

    @Test
    void withTwoAddressesThePagesAreOnTheManagementAddress() throws Exception {
        try (DjlServer server =
                new DjlSetup(folder).onnx("double", ONE_WORKER).splitPorts().start()) {
            assertEquals(200, server.post("/predictions/double", "[[1]]", Map.of()).statusCode());
            assertEquals(404, server.get("/hfx/status").statusCode());
            assertEquals(200, server.getManagement("/hfx/status").statusCode());
            String scrape = server.getManagement("/metrics").body();
            assertEquals(1, metric(scrape, "hfx_requests_total", "double", "finished"));
        }
    }
}
