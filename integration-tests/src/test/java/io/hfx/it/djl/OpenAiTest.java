package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The OpenAI API of a token-level model in a real DJL Serving. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class OpenAiTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir Path folder;

    private static String chat(String model, int tokens) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"model\":\""
                + model
                + "\",\"stream\":true,\"ignore_eos\":true,\"max_tokens\":"
                + tokens
                + "}";
    }

    private static DjlSetup setup(Path folder) throws Exception {
        return new DjlSetup(Files.createDirectories(folder)).onnx("double", ONE_WORKER);
    }

    private record Asked(String method, String path, BodyPublisher body, String type) {}

    private static List<Asked> foreign() {
        String big = "[[" + "1,".repeat(400_000) + "1]]";
        String json = "application/json";
        List<Asked> asked = new ArrayList<>();
        for (String path :
                new String[] {
                    "/predictions/double",
                    "/predictions/nobody",
                    "/predictions/double/1.0",
                    "/invocations?model_name=double",
                    "/invocations?model_name=nobody",
                    "/invocations",
                    CHAT,
                    CHAT + "?model_name=double",
                    "/models/double/invoke",
                    "/v2/models"
                }) {
            for (String body : new String[] {"[[1,2]]", "{\"model\":\"double\"}", "", big}) {
                asked.add(new Asked("POST", path, BodyPublishers.ofString(body), json));
            }
            asked.add(
                    new Asked(
                            "POST",
                            path,
                            BodyPublishers.ofInputStream(
                                    () ->
                                            new ByteArrayInputStream(
                                                    "[[3]]".getBytes(StandardCharsets.UTF_8))),
                            json));
            asked.add(
                    new Asked(
                            "POST",
                            path,
                            BodyPublishers.ofString("model_name=double&data=%5B%5B1%5D%5D"),
                            "application/x-www-form-urlencoded"));
            for (String method : new String[] {"HEAD", "OPTIONS", "GET", "PUT"}) {
                asked.add(new Asked(method, path, BodyPublishers.noBody(), json));
            }
        }
        asked.removeIf(each -> each.method.equals("OPTIONS") && each.path.startsWith(CHAT));
        return asked;
    }

    private String answer(DjlServer server, Asked asked) throws Exception {
        HttpResponse<String> answer =
                client.send(
                        HttpRequest.newBuilder(server.uri(asked.path))
                                .timeout(LIMIT)
                                .header("content-type", asked.type)
                                .header("x-request-id", "r1")
                                .method(asked.method, asked.body)
                                .build(),
                        BodyHandlers.ofString());
        Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
        return answer.statusCode() + " " + headers + " " + answer.body();
    }

    @Test
    void otherModelsAreAnsweredAsByAServerWithoutThePlugin() throws Exception {
        try (DjlServer stock =
                        setup(folder.resolve("stock"))
                                .withoutPlugin()
                                .fixedTime("sample", 1_000, ONE_WORKER)
                                .start();
                DjlServer plugin = setup(folder.resolve("plugin")).sampleModel().start()) {
            int same = 0;
            for (Asked asked : foreign()) {
                assertEquals(answer(stock, asked), answer(plugin, asked), asked.toString());
                same++;
            }
            assertTrue(same > 70, "only " + same + " requests were compared");
        }
    }

    private HttpResponse<InputStream> stream(URI uri, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri)
                        .timeout(LIMIT)
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofInputStream());
    }

    private static String whole(HttpResponse<InputStream> answer) throws Exception {
        return new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void streamsOfClientsThatLeaveAreEnded() throws Exception {
        try (DjlServer server = setup(folder).sampleModel().start()) {
            List<HttpResponse<InputStream>> open = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                open.add(stream(server.uri(CHAT), chat("sample", 400)));
                assertEquals(200, open.get(i).statusCode());
            }
            for (int i = 0; i < 24; i += 2) {
                assertTrue(open.get(i).body().read() >= 0);
                open.get(i).body().close();
            }
            for (int i = 1; i < 24; i += 2) {
                assertTrue(whole(open.get(i)).endsWith("data: [DONE]\n\n"));
            }
            awaitNoneInFlight(server);
            assertEquals(200, server.get("/ping").statusCode());
        }
    }

    private static void awaitNoneInFlight(DjlServer server) throws Exception {
        long endNanos = System.nanoTime() + LIMIT.toNanos();
        String last = "";
        while (System.nanoTime() < endNanos) {
            last = server.get("/hfx/status").body();
            if (last.contains("\"waiting\":0,\"running\":0")) {
                return;
            }
        }
        throw new AssertionError("still in flight: " + last);
    }

    @Test
    void separatePortsGetAListenerOfOurOwnAndJobsOnTheServers() throws Exception {
        int ours = DjlServer.freePort();
        DjlSetup setup =
                setup(folder)
                        .sampleModel()
                        .splitPorts()
                        .with("hfx_address", "http://127.0.0.1:" + ours);
        try (DjlServer server = setup.start()) {
            assertTrue(
                    server.log()
                            .contains(
                                    "the OpenAI API is served on http://127.0.0.1:"
                                            + ours
                                            + ", because plugins cannot answer on http://127.0.0.1:"
                                            + server.port()),
                    server.log());
            HttpResponse<InputStream> here =
                    stream(URI.create("http://127.0.0.1:" + ours + CHAT), chat("sample", 8));
            assertTrue(whole(here).endsWith("data: [DONE]\n\n"));
            assertEquals(404, server.get("/v1/models").statusCode());

            HttpResponse<String> job =
                    server.post("/predictions/sample", "{\"prompt\":\"a\"}", Map.of());
            assertEquals(200, job.statusCode(), job.body());
            assertTrue(job.body().contains("\"object\":\"text_completion\""), job.body());
            HttpResponse<InputStream> streamed =
                    stream(server.uri("/predictions/sample"), chat("whatever", 8));
            assertEquals(
                    "text/event-stream; charset=utf-8",
                    streamed.headers().firstValue("content-type").orElse(""));
            String events = whole(streamed);
            assertTrue(events.endsWith("data: [DONE]\n\n"), events);
            assertTrue(events.split("data: ", -1).length >= 9, events);
            HttpResponse<String> wrong =
                    server.post("/predictions/sample", "{\"prompt\":\"a\",\"n\":0}", Map.of());
            assertEquals(400, wrong.statusCode());
            assertTrue(wrong.body().contains("\"param\":\"n\""), wrong.body());
            assertEquals(200, server.get("/ping").statusCode());
        }
    }

    @Test
    void aStageOfAWorkflowGeneratesAndItsErrorEndsTheWorkflow() throws Exception {
        DjlSetup setup =
                setup(folder)
                        .sampleModel()
                        .fixedTime("echo", 1_000, ONE_WORKER)
                        .workflow("chain", "sample", "echo");
        try (DjlServer server = setup.start()) {
            HttpResponse<String> answer =
                    server.post("/predictions/chain", "{\"prompt\":\"a\"}", Map.of());
            assertEquals(200, answer.statusCode(), answer.body());
            assertTrue(answer.body().startsWith("0 of 1: {\"id\":\"cmpl-"), answer.body());
            HttpResponse<String> wrong =
                    server.post("/predictions/chain", "{\"prompt\":\"a\",\"n\":0}", Map.of());
            assertEquals(400, wrong.statusCode(), wrong.body());
            assertTrue(wrong.body().startsWith("{\"error\":"), wrong.body());
            assertEquals("invalid_value", wrong.headers().firstValue("x-hfx-reason").orElse(""));
        }
    }

    @Test
    void openAisOwnClientStreamsThroughTheServer() throws Exception {
        String modules = System.getenv("HFX_NODE_MODULES");
        assumeTrue(
                modules != null && Files.isDirectory(Path.of(modules, "openai")),
                "HFX_NODE_MODULES names no folder with openai");
        try (DjlServer server = setup(folder).sampleModel().start()) {
            Path output = folder.resolve("client.log");
            Process process =
                    new ProcessBuilder(
                                    "node",
                                    "src/test/js/openai_stream.mjs",
                                    "http://127.0.0.1:" + server.port(),
                                    modules)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            try {
                assertTrue(process.waitFor(120, TimeUnit.SECONDS), Files.readString(output));
            } finally {
                process.destroyForcibly();
            }
            assertTrue(
                    Files.readString(output).contains("checks passed"), Files.readString(output));
            awaitNoneInFlight(server);
        }
    }
}
