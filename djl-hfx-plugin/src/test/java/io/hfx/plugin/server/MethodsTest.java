package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.TestServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** HEAD, OPTIONS, and what browsers ask on behalf of pages of other origins. */
class MethodsTest {
    private static final String BODY = "{\"model\":\"fake/model\",\"prompt\":\"a\"}";
    private static final String PAGE = "https://page.example";

    private static Map<String, String> head(TestServer server, String request) throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw(request.replace("\n", "\r\n") + "\r\n\r\n");
            Answer head = socket.head();
            socket.raw("GET /live HTTP/1.1\r\n\r\n");
            assertEquals(200, socket.head().status(), "no body may follow the headers");
            return head.headers();
        }
    }

    private static Map<String, String> preflight(TestServer server, String origin)
            throws Exception {
        return head(
                server,
                "OPTIONS /v1/chat/completions HTTP/1.1\nOrigin: "
                        + origin
                        + "\nAccess-Control-Request-Method: POST"
                        + "\nAccess-Control-Request-Headers: authorization,x-slo-class");
    }

    @Test
    void headHasTheHeadersOfGetAndNoBody() throws Exception {
        try (TestServer server = new TestServer()) {
            String length = server.get("/v1/models").headers().get("content-length");
            assertEquals(length, head(server, "HEAD /v1/models HTTP/1.1").get("content-length"));
            assertEquals(
                    "POST, OPTIONS", head(server, "HEAD /v1/completions HTTP/1.1").get("allow"));
        }
    }

    @Test
    void optionsListsTheMethods() throws Exception {
        try (TestServer server = new TestServer()) {
            Map<String, String> models = head(server, "OPTIONS /v1/models HTTP/1.1");
            assertEquals("GET, HEAD, OPTIONS", models.get("allow"));
            assertNull(models.get("content-length"));
        }
    }

    @Test
    void pagesOfOtherOriginsMayDoNothingByDefault() throws Exception {
        try (TestServer server = new TestServer()) {
            assertNoCors(preflight(server, PAGE));
            assertNoCors(server.post("/v1/completions", BODY, "Origin: " + PAGE).headers());
        }
    }

    private static void assertNoCors(Map<String, String> headers) {
        assertFalse(
                headers.keySet().stream().anyMatch(name -> name.startsWith("access-control")),
                headers.toString());
    }

    @Test
    void allowedOriginsMayCallAndReadErrorsToo() throws Exception {
        try (TestServer server =
                new TestServer("hfx_cors_allowed_origins", PAGE + ", http://localhost:3000")) {
            Map<String, String> asked = preflight(server, PAGE);
            assertEquals(PAGE, asked.get("access-control-allow-origin"));
            assertEquals("POST", asked.get("access-control-allow-methods"));
            assertEquals("authorization, *", asked.get("access-control-allow-headers"));
            assertNull(asked.get("access-control-allow-credentials"));
            for (String body : List.of(BODY, "{}")) {
                Map<String, String> headers =
                        server.post("/v1/completions", body, "Origin: http://localhost:3000")
                                .headers();
                assertEquals("http://localhost:3000", headers.get("access-control-allow-origin"));
                assertEquals("origin", headers.get("vary"));
                assertTrue(headers.get("access-control-expose-headers").contains("x-hfx-reason"));
            }
            assertNoCors(preflight(server, "https://page.example.evil"));
            assertNoCors(preflight(server, "null"));
            assertEquals("origin", server.get("/live").headers().get("vary"));
        }
    }

    @Test
    void aStarIsAnsweredWithAStarAndNeverWithCredentials() throws Exception {
        try (TestServer server = new TestServer("hfx_cors_allowed_origins", "*")) {
            Map<String, String> asked = preflight(server, PAGE);
            assertEquals("*", asked.get("access-control-allow-origin"));
            assertNull(asked.get("access-control-allow-credentials"));
        }
    }

    @Test
    void pipelinedRequestsOfTwoOriginsAreNotMixedUp() throws Exception {
        try (TestServer server = new TestServer("hfx_cors_allowed_origins", PAGE);
                HttpSocket socket = server.connect()) {
            socket.raw(
                    "GET /live HTTP/1.1\r\nOrigin: "
                            + PAGE
                            + "\r\n\r\nGET /live HTTP/1.1\r\nOrigin: https://other\r\n\r\n");
            assertEquals(PAGE, socket.answer().headers().get("access-control-allow-origin"));
            assertNoCors(socket.answer().headers());
        }
    }

    @Test
    void originsThatNoBrowserSendsAreRefused() {
        for (String wrong : List.of("page.example", "https://a/", "https://A", "https://a,,*")) {
            ConfigReader reader =
                    new ConfigReader()
                            .option("hfx_model", "m")
                            .option("hfx_cors_allowed_origins", wrong);
            assertTrue(
                    assertThrows(ConfigException.class, reader::read)
                            .getMessage()
                            .startsWith("hfx_cors_allowed_origins must be"),
                    wrong);
        }
    }
}
