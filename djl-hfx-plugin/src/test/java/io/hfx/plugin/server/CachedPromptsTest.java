package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.plugin.auth.Role;
import io.hfx.plugin.testing.EmulatedServer;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.KeysFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The prefix cache as clients of the server see it. */
class CachedPromptsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    private static String chat(String more) {
        String text = "the same words again and again ".repeat(30);
        return "{\"model\":\"sample\",\"max_tokens\":4,\"ignore_eos\":true,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\""
                + text
                + "\"}]"
                + more
                + "}";
    }

    private static HttpSocket.Answer post(EmulatedServer server, String body, String... headers)
            throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.post("/v1/chat/completions", body, headers);
            return socket.answer();
        }
    }

    private static JsonNode usage(EmulatedServer server, String more, String... headers)
            throws Exception {
        HttpSocket.Answer answer = post(server, chat(more), headers);
        assertEquals(200, answer.status(), answer.body());
        return JSON.readTree(answer.body()).path("usage");
    }

    private static int cached(EmulatedServer server, String more, String... headers)
            throws Exception {
        return usage(server, more, headers)
                .path("prompt_tokens_details")
                .path("cached_tokens")
                .asInt(-1);
    }

    @Test
    void aPromptThatComesAgainIsCachedAndCounted() throws Exception {
        try (EmulatedServer server = new EmulatedServer(folder)) {
            JsonNode first = usage(server, "");
            int prompt = first.path("prompt_tokens").asInt();
            assertTrue(prompt > 128, first.toString());
            assertEquals(0, first.path("prompt_tokens_details").path("cached_tokens").asInt());
            int expected = (prompt - 1) / 64 * 64;
            assertEquals(expected, cached(server, ""));
            String streamed =
                    post(
                                    server,
                                    chat(
                                            ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"))
                            .body();
            assertTrue(streamed.contains("\"cached_tokens\":" + expected), streamed);
            assertEquals(3.0 * prompt, server.metric("vllm:prefix_cache_queries_total"));
            assertEquals(2.0 * expected, server.metric("vllm:prefix_cache_hits_total"));
            assertTrue(server.metric("hfx_prefix_cache_bytes") > 0);
            JsonNode status = JSON.readTree(server.get("/hfx/status").body()).path("prefix_cache");
            assertEquals(2 * expected, status.path("hit_tokens").asInt(), status.toString());
            assertTrue(
                    Math.abs(status.path("limit_bytes").asLong() - 268_435_456) < 100_000,
                    status.toString());
        }
    }

    @Test
    void aSaltKeepsRequestsApart() throws Exception {
        try (EmulatedServer server = new EmulatedServer(folder)) {
            cached(server, "");
            assertEquals(0, cached(server, ",\"cache_salt\":\"one\""));
            assertTrue(cached(server, ",\"cache_salt\":\"one\"") > 0);
            assertEquals(0, cached(server, ",\"cache_salt\":\"two\""));
            assertEquals(0, cached(server, ",\"cache_prompt\":false"));
            assertTrue(cached(server, ",\"cache_prompt\":true,\"cache_salt\":null") > 0);
        }
    }

    @Test
    void aWrongFieldIsNamed() throws Exception {
        try (EmulatedServer server = new EmulatedServer(folder)) {
            for (String value : new String[] {"\"\"", "7", "\"" + "x".repeat(257) + "\""}) {
                assertEquals("cache_salt", refused(server, ",\"cache_salt\":" + value), value);
            }
            assertEquals("cache_prompt", refused(server, ",\"cache_prompt\":\"no\""));
        }
    }

    /** The field that a 400 names. */
    private static String refused(EmulatedServer server, String more) throws Exception {
        HttpSocket.Answer answer = post(server, chat(more));
        assertEquals(400, answer.status(), answer.body());
        return JSON.readTree(answer.body()).path("error").path("param").asText();
    }

    /** Whatever a client states, it finds nothing of another key's. */
    @Test
    void keysShareNothing() throws Exception {
        KeysFile keys = new KeysFile(folder);
        String one = keys.add(Role.INFERENCE, "one");
        String two = keys.add(Role.INFERENCE, "two");
        try (EmulatedServer server =
                new EmulatedServer(folder, "hfx_keys_file", keys.path.toString())) {
            cached(server, "", one);
            assertTrue(cached(server, "", one) > 0);
            assertEquals(0, cached(server, "", two));
            for (String salt : new String[] {"one", "one\\n", "\\n", "one\\none"}) {
                assertEquals(0, cached(server, ",\"cache_salt\":\"" + salt + "\"", two), salt);
            }
        }
    }

    @Test
    void zeroBytesTurnItOff() throws Exception {
        try (EmulatedServer server = new EmulatedServer(folder, "hfx_prefix_cache_bytes", "0")) {
            assertEquals(0, cached(server, ""));
            assertEquals(0, cached(server, ""));
            assertEquals(0, server.metric("hfx_prefix_cache_limit_bytes"));
        }
    }
}
