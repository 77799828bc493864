package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.plugin.auth.Role;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.testing.EmulatedServer;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.KeysFile;
import io.hfx.plugin.testing.TestServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /hfx/requests/{id}} of the standalone server. */
class RequestPagesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    @Test
    void aFinishedRequestTellsItsWholeWay() throws Exception {
        try (EmulatedServer server = new EmulatedServer(folder)) {
            String id;
            try (HttpSocket socket = server.connect()) {
                socket.post(
                        "/v1/completions",
                        "{\"model\":\"sample\",\"prompt\":\"Secret words\",\"max_tokens\":4,"
                                + "\"ignore_eos\":true}",
                        "x-request-id: my-request");
                HttpSocket.Answer answer = socket.answer();
                assertEquals(200, answer.status(), answer.body());
                id = answer.headers().get("x-request-id");
            }
            assertEquals("my-request", id);
            server.awaitIdle();
            String page = server.get("/hfx/requests/" + id).body();
            assertFalse(page.contains("Secret"), page);
            JsonNode job = JSON.readTree(page).at("/jobs/0");
            assertEquals("sample", job.get("model").asText());
            assertEquals("chat", job.get("slo_class").asText());
            assertTrue(job.get("prompt_tokens").asInt() > 0, page);
            List<String> kinds = new ArrayList<>();
            double lastMillis = 0;
            for (JsonNode decision : job.get("decisions")) {
                if (decision.get("what").asText().equals("bound")) {
                    assertEquals("in-time", decision.path("reason").asText(), page);
                    double predicted = decision.get("predicted_ttft_ms").asDouble();
                    assertTrue(predicted <= decision.get("due_ms").asDouble(), page);
                }
                kinds.add(decision.get("what").asText());
                lastMillis = Math.max(lastMillis, decision.get("after_ms").asDouble());
            }
            assertEquals("queued", kinds.get(0), page);
            assertTrue(
                    kinds.containsAll(List.of("bound", "started", "first-token", "finished")),
                    page);
            assertTrue(lastMillis > 0, page);
            assertEquals(404, server.get("/hfx/requests/another").status());
            String status = server.get("/hfx/status").body();
            assertTrue(JSON.readTree(status).findValues("model_mape").size() >= 1, status);
            assertTrue(JSON.readTree(status).findValue("model_bias").isNumber(), status);
        }
    }

    @Test
    void aRefusedRequestTellsTheReason() throws Exception {
        try (TestServer server = new TestServer()) {
            server.model.refusal = new Refusal(429, "queue-full", "full", 0);
            HttpSocket.Answer answer =
                    server.post(
                            "/v1/completions",
                            "{\"model\":\"fake/model\",\"prompt\":\"abc\"}",
                            "x-request-id: a/b");
            assertEquals(429, answer.status());
            String page = server.get("/hfx/requests/a/b").body();
            assertEquals("a/b", JSON.readTree(page).get("request_id").asText());
            assertEquals(
                    "queue-full", JSON.readTree(page).at("/jobs/0/decisions/0/reason").asText());
        }
    }

    @Test
    void onlyAdminKeysOpenIt() throws Exception {
        KeysFile keys = new KeysFile(folder);
        String web = keys.add(Role.INFERENCE, "web");
        String ops = keys.add(Role.ADMIN, "ops");
        try (TestServer server = new TestServer("hfx_keys_file", keys.path.toString())) {
            assertEquals(401, server.get("/hfx/requests/x").status());
            assertEquals(403, server.get("/hfx/requests/x", web).status());
            assertEquals(404, server.get("/hfx/requests/x", ops).status());
        }
    }
}
