package io.hfx.plugin.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.KeysFile;
import io.hfx.plugin.testing.TestServer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each key opens, and what it may ask for. Classes: chat and, tighter, priority. */
class KeysTest {
    private static final String BODY = "{\"model\":\"fake/model\",\"prompt\":\"a\"}";

    @TempDir Path folder;

    private TestServer server(KeysFile keys, String... more) throws Exception {
        String[] settings = new String[more.length + 2];
        System.arraycopy(more, 0, settings, 2, more.length);
        settings[0] = "hfx_keys_file";
        settings[1] = keys.path.toString();
        return new TestServer(settings);
    }

    private static JsonNode error(Answer answer) throws Exception {
        return new ObjectMapper().readTree(answer.body()).path("error");
    }

    @Test
    void everyRoleOpensItsOwnPathsOnly() throws Exception {
        KeysFile keys = new KeysFile(folder);
        String web = keys.add(Role.INFERENCE, "web");
        String ops = keys.add(Role.ADMIN, "ops");
        String worker = keys.add(Role.WORKER, "worker");
        try (TestServer server = server(keys)) {
            for (String path : new String[] {"/health", "/live", "/ready"}) {
                assertEquals(200, server.get(path).status(), path);
            }
            for (String path :
                    new String[] {
                        "/metrics", "/hfx/status", "/%68fx/status", "/hfx/status?a=/v1/"
                    }) {
                assertEquals(401, server.get(path).status(), path);
                assertEquals(403, server.get(path, web).status(), path);
                assertEquals(403, server.get(path, worker).status(), path);
                assertEquals(200, server.get(path, ops).status(), path);
            }
            assertEquals(200, server.get("/v1/models", web).status());
            assertEquals(200, server.post("/v1/completions", BODY, web).status());
            assertEquals(403, server.post("/v1/completions", BODY, ops).status());
            assertEquals(403, server.post("/v1/completions", BODY, worker).status());
            assertEquals(401, server.get("/nothing").status());
            assertEquals(403, server.get("/nothing", web).status());
            assertEquals(403, server.get("/v1", web).status());
            assertEquals(404, server.get("/v1/../hfx/status", web).status());
        }
    }

    @Test
    void theErrorsAreThoseOfTheApi() throws Exception {
        KeysFile keys = new KeysFile(folder);
        keys.add(Role.INFERENCE, "web");
        try (TestServer server = server(keys)) {
            Answer none = server.post("/v1/completions", BODY);
            assertEquals(401, none.status());
            assertEquals("Bearer", none.headers().get("www-authenticate"));
            assertEquals("authentication_error", error(none).path("type").asText());
            assertEquals("missing_api_key", error(none).path("code").asText());
            for (String wrong : new String[] {"Bearer x", "Basic eDp5", "Bearer", "Bearer a b"}) {
                Answer answer = server.post("/v1/completions", BODY, "Authorization: " + wrong);
                assertEquals(401, answer.status(), wrong);
                assertEquals("invalid_api_key", error(answer).path("code").asText(), wrong);
            }
            Answer admin = server.get("/metrics", keys.add(Role.WORKER, "late"));
            assertEquals(401, admin.status());
        }
    }

    /** The answer comes while the body is still owed, and no 100-continue before it. */
    @Test
    void aRequestWithoutKeyCostsNoBody() throws Exception {
        KeysFile keys = new KeysFile(folder);
        keys.add(Role.INFERENCE, "web");
        try (TestServer server = server(keys)) {
            for (String more : new String[] {"", "Expect: 100-continue\r\n"}) {
                try (HttpSocket socket = server.connect()) {
                    socket.raw(
                            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n"
                                    + more
                                    + "Content-Type: application/json\r\n"
                                    + "Content-Length: 1000000\r\n\r\n{");
                    assertEquals(401, socket.answer().status());
                    assertTrue(socket.ended());
                }
            }
            try (HttpSocket socket = server.connect()) {
                socket.raw("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
                assertEquals(400, socket.answer().status());
            }
            assertTrue(server.model.submitted.isEmpty());
        }
    }

    @Test
    void aKeyOfAClassThatIsNotThereIsRefused() throws Exception {
        KeysFile keys = new KeysFile(folder);
        keys.add(Role.INFERENCE, "web", "chat", "gold");
        String message = assertThrows(ConfigException.class, () -> server(keys)).getMessage();
        assertTrue(message.endsWith("key web: no SLO class gold"), message);
    }

    /** With a key, no objective may be tighter than those of one of its classes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    all | x-slo-class: priority      |                           | 200 | ``
                    all | x-slo-ttft-ms: 30000       |                           | 200 | ``
                    all | x-slo-ttft-ms: 29999       |                           | 403 | ttft_ms
                    all | x-slo-ttft-ms: 30000       | "slo":{"tpot_ms":1}       | 200 | ``
                    all | x: y                       | "slo":{"tpot_ms":59999}   | 403 | tpot_ms
                    all | x: y                       | "slo":{"ttft_ms":30000,"tpot_ms":60000} | 403 | slo
                    all | x: y                       | "slo":{"e2e_ms":86400000} | 403 | e2e_ms
                    all | request-timeout-ms: 1000   |                           | 403 | e2e_ms
                    all | x-slo-class: best-effort   |                           | 200 | ``
                    all | x-priority: 2              |                           | 403 | x-priority
                    all | x-priority: 4              |                           | 200 | ``
                    all | x: y                       | "priority":2              | 403 | priority
                    one | x-slo-class: priority      |                           | 400 | x-slo-class
                    one | x: y                       | "slo":{"class":"priority"} | 400 | slo.class
                    one | x: y                       | "service_tier":"priority" | 200 | ``
                    one | x-slo-ttft-ms: 59999       |                           | 403 | ttft_ms
                    one | x-slo-ttft-ms: 60001       |                           | 200 | ``
                    one | x: y                       |                           | 200 | ``
                    """)
    void clientsMayOnlyLoosen(String key, String header, String field, int status, String param)
            throws Exception {
        KeysFile keys = new KeysFile(folder);
        String all = keys.add(Role.INFERENCE, "all");
        String one = keys.add(Role.INFERENCE, "one", "chat");
        String body = BODY.replace("}", field == null ? "}" : "," + field + "}");
        try (TestServer server = server(keys)) {
            Answer answer =
                    server.post("/v1/completions", body, key.equals("all") ? all : one, header);
            assertEquals(status, answer.status(), answer.body());
            if (status != 200) {
                assertEquals(param, error(answer).path("param").asText(), answer.body());
            }
        }
        try (TestServer trusting = server(keys, "hfx_trust_client_slo", "true")) {
            int trusted = trusting.post("/v1/completions", body, all, header).status();
            assertEquals(200, trusted);
        }
    }

    @Test
    void keysAreReadAgainWhileTheServerRuns() throws Exception {
        KeysFile keys = new KeysFile(folder);
        keys.add(Role.ADMIN, "ops");
        try (TestServer server = server(keys)) {
            String web = keys.add(Role.INFERENCE, "web");
            long startNanos = System.nanoTime();
            while (server.get("/v1/models", web).status() != 200) {
                assertTrue(System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(20));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "127.0.0.1:8080", "[::1]:80", "a.localhost", "LOCALHOST", ""})
    void aServerWithoutKeysAnswersToItsOwnNames(String host) throws Exception {
        try (TestServer server = new TestServer()) {
            assertEquals(200, status(server, host));
        }
    }

    /** Or a web page could reach it through a name that points here (DNS rebinding). */
    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "localhost.evil.example", "10.0.0.1", "127.evil.example"})
    void aServerWithoutKeysAnswersToNoOtherName(String host) throws Exception {
        try (TestServer server = new TestServer()) {
            assertEquals(403, status(server, host));
        }
        try (TestServer open = new TestServer("hfx_insecure", "true")) {
            assertEquals(200, status(open, host));
        }
        KeysFile keys = new KeysFile(folder);
        keys.add(Role.INFERENCE, "web");
        try (TestServer keyed = server(keys)) {
            assertEquals(200, status(keyed, host));
        }
    }

    private static int status(TestServer server, String host) throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw("GET /health HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            return socket.answer().status();
        }
    }

    @Test
    void anOpenAddressNeedsKeysOrTheOperatorsWord() throws Exception {
        String message =
                assertThrows(ConfigException.class, () -> new TestServer("hfx_host", "0.0.0.0"))
                        .getMessage();
        assertTrue(message.startsWith("hfx_host 0.0.0.0 can be reached"), message);
        assertTrue(
                assertThrows(ConfigException.class, () -> new TestServer("hfx_tls_key", "key"))
                        .getMessage()
                        .toLowerCase(Locale.ROOT)
                        .contains("together"));
        KeysFile keys = new KeysFile(folder);
        keys.add(Role.INFERENCE, "web");
        server(keys, "hfx_host", "0.0.0.0").close();
        new TestServer("hfx_host", "0.0.0.0", "hfx_insecure", "true").close();
    }
}
