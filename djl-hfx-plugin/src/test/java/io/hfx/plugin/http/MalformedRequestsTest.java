package io.hfx.plugin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.TestServer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP at and beyond the edges of its grammar. */
class MalformedRequestsTest {
    private static final String BODY = "{\"model\":\"fake/model\",\"prompt\":\"a\"}";

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer("hfx_max_body_bytes", "262144");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** A request by which a proxy and this server could disagree where it ends: 400 and the end. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4|Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked|Content-Length: 4",
                "Content-Length: 4|Content-Length: 5",
                "Content-Length: 4|Content-Length: 4",
                "Content-Length: 4, 4",
                "Content-Length: +4",
                "Content-Length: -4",
                "Content-Length: 4x",
                "Content-Length: 0x4",
                "Content-Length:",
                "Content-Length: 99999999999999999999",
                "Content-Length : 4",
                "Transfer-Encoding : chunked",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked, chunked",
                "Transfer-Encoding: chunked|Transfer-Encoding: chunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: chunked|Transfer-Encoding: identity",
                "Transfer-Encoding:\u000bchunked",
                "Host: other",
                "Authorization: Bearer a|Authorization: Bearer b",
                "X-Nul: a\u0000b",
                "X-Cr: a\rb",
                "X\u0000: a",
                "no colon at all",
                ": no name",
            })
    void ambiguousHeadsEndTheConnection(String lines) throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw(
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n"
                            + lines.replace("|", "\r\n")
                            + "\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Answer answer = socket.answer();
            assertEquals(400, answer.status(), lines);
            assertEquals("close", answer.headers().get("connection"));
            assertTrue(socket.ended(), "a second answer after: " + lines);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\nabc\r\n0\r\n\r\n",
                "-1\r\nabc\r\n0\r\n\r\n",
                "+3\r\nabc\r\n0\r\n\r\n",
                "ffffffffffffffff\r\nabc",
                "80000000\r\nabc",
                "\r\n\r\n",
            })
    void wrongChunksEndTheConnection(String chunks) throws Exception {
        try (HttpSocket socket = server.connect()) {
            chunked(socket, chunks);
            int status = socket.answer().status();
            assertTrue(status == 400 || status == 413, chunks + status);
            assertTrue(socket.ended());
        }
    }

    private static void chunked(HttpSocket socket, String chunks) throws Exception {
        socket.raw(
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + chunks);
    }

    @Test
    void rightChunksAreReadAndTrailersCountForNothing() throws Exception {
        try (HttpSocket socket = server.connect()) {
            String chunk = Integer.toHexString(BODY.length()) + ";a=b\r\n" + BODY + "\r\n";
            chunked(socket, chunk + "0\r\nx-slo-class: none\r\nx-request-id: trailer\r\n\r\n");
            Answer answer = socket.answer();
            assertEquals(200, answer.status(), answer.body());
            assertFalse(answer.headers().get("x-request-id").equals("trailer"));
            chunked(socket, "5;" + "x".repeat(10_000) + "\r\n");
            assertEquals(400, socket.answer().status());
        }
    }

    @Test
    void chunksBeyondTheLimitAre413() throws Exception {
        try (HttpSocket socket = server.connect()) {
            String chunk = "8000\r\n" + "x".repeat(0x8000) + "\r\n";
            chunked(socket, chunk.repeat(9));
            assertEquals(413, socket.answer().status());
            assertTrue(socket.ended());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    GET /health HTTP/1.0                     | 200
                    GET /health HTTP/1.1                     | 200
                    HEAD /health HTTP/1.1                    | 200
                    GET http://localhost/health HTTP/1.1     | 200
                    GET HTTP://localhost:80/health?a HTTP/1.1 | 200
                    GET http://localhost HTTP/1.1            | 404
                    GET http:/health HTTP/1.1                | 404
                    GET /health?a=%zz HTTP/1.1               | 200
                    GET /health%00 HTTP/1.1                  | 404
                    GET /%68ealth HTTP/1.1                   | 200
                    GET //health HTTP/1.1                    | 404
                    GET /v1/../health HTTP/1.1               | 404
                    GET /%c3%28 HTTP/1.1                     | 404
                    GET /%zz HTTP/1.1                        | 400
                    GET * HTTP/1.1                           | 404
                    CONNECT localhost:80 HTTP/1.1            | 404
                    TRACE /health HTTP/1.1                   | 405
                    PRI * HTTP/2.0                           | 505
                    GET /health HTTP/1.2                     | 505
                    GET /health HTTP/9.9                     | 505
                    GET /health HTP/1.1                      | 400
                    GET /health                              | 400
                    G@T /health HTTP/1.1                     | 400
                    """)
    void requestLines(String line, int status) throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw(line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            Answer answer = line.startsWith("HEAD") ? socket.head() : socket.answer();
            assertEquals(status, answer.status(), line);
            assertTrue(socket.ended(), line);
        }
    }

    /** A header line that begins with a blank continues the one before it; there is none. */
    @Test
    void foldedLinesAreOneHeader() throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw("GET /health HTTP/1.1\r\n Content-Length: 9\r\nHost: localhost\r\n\r\n");
            assertEquals(400, socket.answer().status());
        }
        try (HttpSocket socket = server.connect()) {
            socket.raw(
                    "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n Content-Length: 9\r\n\r\n");
            assertEquals(200, socket.answer().status());
        }
    }

    @Test
    void nulInAPathIsNoPath() throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw("GET /health\u0000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
            int status = socket.answer().status();
            assertTrue(status == 400 || status == 404, "" + status);
        }
    }

    @Test
    void headKeepsTheConnectionInStep() throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Answer head = socket.head();
            assertEquals("15", head.headers().get("content-length"));
            socket.raw("HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(404, socket.head().status());
            socket.raw("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals("{\"status\":\"ok\"}", socket.answer().body());
        }
    }

    @Test
    void http10GetsItsStreamWithoutChunks() throws Exception {
        try (HttpSocket socket = server.connect()) {
            String body = BODY.replace("}", ",\"stream\":true}");
            socket.raw(
                    "POST /v1/completions HTTP/1.0\r\nContent-Type: application/json\r\n"
                            + "Content-Length: "
                            + body.length()
                            + "\r\n\r\n"
                            + body);
            Answer head = socket.head();
            assertNull(head.headers().get("transfer-encoding"));
            assertEquals("close", head.headers().get("connection"));
            String all =
                    new String(
                            socket.socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertFalse(all.contains("\r\n"), all);
        }
    }

    @Test
    void upgradesAreNotMade() throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw(
                    "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings"
                            + "\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
            assertEquals(200, socket.answer().status());
        }
    }

    @Test
    void continueIsSaidBetweenAnswersOnly() throws Exception {
        try (HttpSocket socket = server.connect()) {
            String head =
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                            + BODY.length()
                            + "\r\nContent-Type: application/json\r\n";
            socket.raw(head + "Expect: 100-continue\r\n\r\n");
            assertEquals(100, socket.head().status());
            socket.raw(BODY);
            assertEquals(200, socket.answer().status());
            server.model.hold = true;
            socket.raw(head + "\r\n" + BODY + head + "Expect: 100-continue\r\n\r\n");
            server.model.nextSubmitted();
            server.model.nextSubmitted();
            server.model.hold = false;
            server.model.permits.release(1);
            assertEquals(200, socket.answer().status());
            assertEquals(417, socket.answer().status());
            assertTrue(socket.ended());
        } finally {
            server.model.hold = false;
            server.model.permits.drainPermits();
        }
        try (HttpSocket socket = server.connect()) {
            socket.raw("GET /health HTTP/1.1\r\nHost: localhost\r\nExpect: the-moon\r\n\r\n");
            assertEquals(417, socket.answer().status());
        }
    }
}
