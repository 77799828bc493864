package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sample.SampleModel;
import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Token-level models ({@code engine=HFX}) in a real DJL Serving. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class HfxModelsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PROFILE =
            Path.of("..", "configs", "latency-profile.json").toAbsolutePath();
    private static final String[] EMULATED = {
        "minWorkers=1",
        "maxWorkers=3",
        "option.backend=emulated",
        "option.latency_profile=" + PROFILE,
        "option.context_tokens=256",
        "option.drain_seconds=0.2"
    };

    @TempDir Path folder;

    private static String body(int tokens) {
        return "{\"prompt\":\"a b c\",\"max_tokens\":" + tokens + ",\"ignore_eos\":true}";
    }

    private static CompletableFuture<HttpResponse<String>> ask(DjlServer server, int tokens) {
        return server.postAsync("/predictions/chat", body(tokens), Map.of());
    }

    private static void assertAnswers(DjlServer server) throws Exception {
        HttpResponse<String> answer = ask(server, 8).get(60, TimeUnit.SECONDS);
        assertEquals(200, answer.statusCode(), answer.body() + server.log());
        JsonNode json = JSON.readTree(answer.body());
        assertEquals(8, json.get("usage").get("completion_tokens").asInt(), answer.body());
    }

    private static String log(DjlServer server) {
        try {
            return server.log();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static JsonNode describe(DjlServer server) throws Exception {
        HttpResponse<String> answer = server.get("/models/chat");
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body()).get(0).get("models").get(0);
    }

    private static HttpResponse<String> scale(DjlServer server, int workers) throws Exception {
        return server.send(
                "PUT",
                "/models/chat?synchronous=true&min_worker=" + workers + "&max_worker=" + workers);
    }

    /** One server process holds one version, wherever it comes from. */
    @ParameterizedTest
    @EnumSource(DjlSetup.Ort.class)
    void realWeightsRunWhereverOnnxRuntimeIs(DjlSetup.Ort place) throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .ort(place)
                        .hfx("chat", "minWorkers=1", "maxWorkers=1", "option.kv_slots=2");
        if (place != DjlSetup.Ort.NOWHERE) {
            setup.onnx("double", "minWorkers=1", "maxWorkers=1");
        }
        try (DjlServer server = setup.start()) {
            assertAnswers(server);
            boolean own = place == DjlSetup.Ort.NOWHERE;
            assertTrue(
                    server.log()
                            .contains(
                                    own
                                            ? "ONNX Runtime is the plugin's own"
                                            : "ONNX Runtime is the server's"),
                    server.log());
            if (!own) {
                assertEquals(
                        "{\"predictions\":[[2.0]]}",
                        server.post("/predictions/double", "[[1]]", Map.of()).body());
            }
        }
    }

    @Test
    void theManagementPathsKnowThem() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .hfx("chat", EMULATED)
                        .onnx("double", "minWorkers=1", "maxWorkers=1");
        try (DjlServer server = setup.start()) {
            assertAnswers(server);
            JsonNode model = describe(server);
            assertEquals("chat", model.get("modelName").asText());
            assertEquals("Healthy", model.get("status").asText());
            assertEquals("hfx", model.get("hfx").get("policy").asText());
            assertEquals("ready", model.get("hfx").get("workers").get(0).get("state").asText());
            assertEquals(200, server.get("/ping").statusCode());
            assertTrue(server.get("/models").body().contains("chat"));
            HttpResponse<String> wrong =
                    server.send("PUT", "/models/chat?min_worker=3&max_worker=2");
            assertEquals(400, wrong.statusCode());
            assertTrue(wrong.body().contains("min_worker 3 is above max_worker 2"), wrong.body());
            assertEquals(400, server.send("PUT", "/models/chat?min_worker=lots").statusCode());
            assertFalse(server.get("/models/double").body().contains("hfx"));
            HttpResponse<String> bad = server.post("/predictions/chat", "{\"prompt\":1}", Map.of());
            assertEquals(400, bad.statusCode(), bad.body());
            assertTrue(bad.body().contains("prompt"), bad.body());
        }
    }

    @Test
    void aRequestThatStatesNothingIsOfItsModelsClass() throws Exception {
        Path classes = Path.of("..", "configs", "slo-classes.json").toAbsolutePath();
        DjlSetup setup =
                new DjlSetup(folder)
                        .with("hfx_slo_classes", classes)
                        .hfx("chat", EMULATED)
                        .hfx("long", append(EMULATED, "hfx.slo_class=summarise"));
        try (DjlServer server = setup.start()) {
            for (String path : List.of("/predictions/long", "/v1/completions")) {
                String body = body(4).replace("{", "{\"model\":\"long\",");
                HttpResponse<String> answer =
                        server.post(path, body, Map.of("x-request-id", "a" + path.length()));
                assertEquals(200, answer.statusCode(), answer.body() + server.log());
                assertEquals("summarise", slo(server, "a" + path.length()));
            }
            server.post("/predictions/chat", body(4), Map.of("x-request-id", "b"));
            assertEquals("chat", slo(server, "b"));
        }
    }

    private static String slo(DjlServer server, String requestId) throws Exception {
        HttpResponse<String> page = server.get("/hfx/requests/" + requestId);
        assertEquals(200, page.statusCode(), page.body());
        return JSON.readTree(page.body()).at("/jobs/0/slo_class").asText();
    }

    private static String[] append(String[] keys, String key) {
        String[] all = Arrays.copyOf(keys, keys.length + 1);
        all[keys.length] = key;
        return all;
    }

    @Test
    void aVersionThatIsAskedForAnswersItself() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .hfx("one", EMULATED)
                        .hfx("two", append(EMULATED, "option.context_tokens=64"));
        try (DjlServer server = setup.start()) {
            for (String version : List.of("one", "two")) {
                String query = "?synchronous=true&model_name=chat&model_version=" + version;
                String url = "&url=" + setup.folder(version).toUri();
                HttpResponse<String> loaded = server.send("POST", "/models" + query + url);
                assertEquals(200, loaded.statusCode(), loaded.body());
            }
            Map<String, Integer> codes =
                    Map.of(
                            "/predictions/chat/one", 200,
                            "/predictions/chat/two", 400,
                            "/predictions/chat", 400);
            for (Map.Entry<String, Integer> each : codes.entrySet()) {
                HttpResponse<String> answer = server.post(each.getKey(), body(100), Map.of());
                assertEquals(each.getValue(), answer.statusCode(), each + answer.body());
            }
        }
    }

    @Test
    void workersComeAndGoUnderLoad() throws Exception {
        try (DjlServer server = new DjlSetup(folder).hfx("chat", EMULATED).start()) {
            assertAnswers(server);
            List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
            for (int workers : new int[] {3, 1, 3}) {
                for (int i = 0; i < 30; i++) {
                    sent.add(ask(server, 100));
                }
                long startNanos = System.nanoTime();
                HttpResponse<String> scaled = scale(server, workers);
                Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
                assertEquals(200, scaled.statusCode(), scaled.body());
                assertEquals(workers, describe(server).get("hfx").get("workers").size());
                System.out.println("to " + workers + " workers in " + took);
            }
            for (CompletableFuture<HttpResponse<String>> each : sent) {
                HttpResponse<String> answer = each.get(60, TimeUnit.SECONDS);
                assertEquals(200, answer.statusCode(), () -> answer.body() + log(server));
            }
        }
    }

    @Test
    void withoutWorkersAModelAnswersAsStock() throws Exception {
        try (DjlServer server = new DjlSetup(folder).hfx("chat", EMULATED).start()) {
            assertAnswers(server);
            assertEquals(200, scale(server, 0).statusCode());
            HttpResponse<String> none = ask(server, 8).get(60, TimeUnit.SECONDS);
            assertEquals(503, none.statusCode(), none.body());
            assertEquals(200, server.get("/ping").statusCode());
            assertEquals(200, scale(server, 1).statusCode());
            assertAnswers(server);
        }
    }

    @Test
    void aModelIsPostedAndDeletedUnderLoadFiftyTimes() throws Exception {
        Path model = folder.resolve("chat-model");
        SampleModel.create(SampleModel.Size.MICRO, model, 1);
        Files.writeString(
                model.resolve("serving.properties"), "engine=HFX\n" + String.join("\n", EMULATED));
        String register =
                "/models?synchronous=true&model_name=chat&url="
                        + URLEncoder.encode(model.toUri().toString(), StandardCharsets.UTF_8);
        DjlSetup setup =
                new DjlSetup(folder.resolve("server"))
                        .onnx("double", "minWorkers=1", "maxWorkers=1");
        try (DjlServer server = setup.start()) {
            int threads = 0;
            int files = 0;
            Duration longest = Duration.ZERO;
            for (int i = 0; i < 50; i++) {
                HttpResponse<String> registered = server.send("POST", register);
                assertEquals(200, registered.statusCode(), registered.body() + server.log());
                List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
                sent.add(ask(server, 1));
                sent.get(0).get(60, TimeUnit.SECONDS);
                for (int j = 0; j < 10; j++) {
                    sent.add(ask(server, 100));
                }
                long startNanos = System.nanoTime();
                assertEquals(200, server.send("DELETE", "/models/chat").statusCode());
                for (CompletableFuture<HttpResponse<String>> each : sent) {
                    each.get(60, TimeUnit.SECONDS);
                }
                Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
                longest = took.compareTo(longest) > 0 ? took : longest;
                if (i == 9) {
                    threads = server.threads();
                    files = server.files();
                }
            }
            System.out.println(
                    "threads "
                            + threads
                            + " -> "
                            + server.threads()
                            + ", files "
                            + files
                            + " -> "
                            + server.files()
                            + ", last answer at most "
                            + longest
                            + " after a DELETE");
            assertTrue(server.threads() <= threads + 8, server.threads() + " of " + threads);
            assertTrue(server.files() <= files + 8, server.files() + " of " + files);
        }
    }
}
