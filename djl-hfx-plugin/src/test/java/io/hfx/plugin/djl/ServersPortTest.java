package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.auth.Role;
import io.hfx.plugin.auth.Tls;
import io.hfx.plugin.config.Access;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.KeysFile;
import io.hfx.plugin.testing.TestCertificate;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Token-level models on the server's own port, between its handlers. */
@Timeout(120)
class ServersPortTest {
    private static final String CHAT = "/v1/chat/completions";

    private static String chat(String model, boolean stream) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"model\":\""
                + model
                + "\",\"stream\":"
                + stream
                + "}";
    }

    private static Answer post(ServersPort port, String path, String body, String... lines)
            throws Exception {
        try (HttpSocket socket = port.connect()) {
            socket.post(path, body, lines);
            return socket.answer();
        }
    }

    private static void await(BooleanSupplier condition) throws Exception {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        Object pause = new Object();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNanos, "the condition did not come true");
            synchronized (pause) {
                pause.wait(5);
            }
        }
    }

    @Test
    void oneConnectionServesOurModelsAndTheServersInTurn() throws Exception {
        try (ServersPort port = new ServersPort(Map.of());
                HttpSocket socket = port.connect()) {
            for (int i = 0; i < 3; i++) {
                socket.post(CHAT, chat("alpha", true), "x-request-id: r" + i);
                Answer ours = socket.answer();
                assertEquals(200, ours.status());
                assertEquals("r" + i, ours.headers().get("x-request-id"));
                assertEquals(
                        "text/event-stream; charset=utf-8", ours.headers().get("content-type"));
                assertTrue(ours.body().contains("\"model\":\"alpha\""), ours.body());
                assertTrue(ours.body().endsWith("data: [DONE]\n\n"), ours.body());
                socket.post(CHAT, chat("other", true));
                assertEquals(
                        "stock POST " + CHAT + "\n" + chat("other", true), socket.answer().body());
                socket.post("/v1/completions", "{\"model\":\"beta\",\"prompt\":\"a\"}");
                assertTrue(socket.answer().body().contains("\"model\":\"beta\""));
            }
        }
    }

    @Test
    void whatIsNotOursReachesTheServerAsItCame() throws Exception {
        String big = "x".repeat(3_000_000);
        try (ServersPort port = new ServersPort(Map.of())) {
            for (String body :
                    new String[] {
                        "",
                        "{",
                        "[1,2]",
                        "{\"model\":1}",
                        "{\"messages\":[]}",
                        "{\"a\":{\"model\":\"alpha\"}}",
                        "{\"model\":\"other\",\"x\":\"" + big + "\"}",
                        "{\"x\":\"" + big + "\",\"model\":\"other\"}"
                    }) {
                for (String path : new String[] {CHAT, CHAT + "?a=b", "/invocations"}) {
                    assertEquals("stock POST " + path + "\n" + body, post(port, path, body).body());
                }
            }
            String ours = chat("alpha", false);
            for (String path :
                    new String[] {"/predictions/other", "/predictions/alpha/1.0", "/ping", "/v2"}) {
                assertEquals("stock POST " + path + "\n" + ours, post(port, path, ours).body());
            }
            Answer later = post(port, "/predictions/alpha", ours, "x-synchronous: false");
            assertTrue(later.body().startsWith("stock "), later.body());
            Answer form =
                    post(
                            port,
                            "/invocations?model_name=alpha",
                            "data=1",
                            "Content-Type: application/x-www-form-urlencoded");
            assertTrue(form.body().startsWith("stock "), form.body());
        }
    }

    @Test
    void chunkedBodiesAndHeadArriveToo() throws Exception {
        try (ServersPort port = new ServersPort(Map.of());
                HttpSocket socket = port.connect()) {
            String foreign = chat("other", false);
            String ours = chat("alpha", false);
            for (String body : new String[] {foreign, ours}) {
                socket.raw(
                        "POST "
                                + CHAT
                                + " HTTP/1.1\r\nHost: localhost\r\n"
                                + "Content-Type: application/json\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + Integer.toHexString(10)
                                + "\r\n"
                                + body.substring(0, 10)
                                + "\r\n"
                                + Integer.toHexString(body.length() - 10)
                                + "\r\n"
                                + body.substring(10)
                                + "\r\n0\r\n\r\n");
                Answer answer = socket.answer();
                assertEquals(200, answer.status());
                assertEquals(body.equals(foreign), answer.body().startsWith("stock "));
            }
            socket.raw("HEAD /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(200, socket.head().status());
            socket.raw("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
            String list = socket.answer().body();
            assertTrue(list.indexOf("\"alpha\"") < list.indexOf("\"beta\""), list);
        }
    }

    @Test
    void withoutATokenLevelModelTheServersPathsAreItsOwn() throws Exception {
        try (ServersPort port = new ServersPort(Map.of())) {
            port.models.remove("alpha", port.alpha);
            port.models.remove("beta", port.beta);
            assertTrue(post(port, CHAT, chat("alpha", false)).body().startsWith("stock "));
            Answer gone = post(port, "/v1/completions", "{\"model\":\"alpha\",\"prompt\":\"a\"}");
            assertEquals(404, gone.status());
            assertTrue(gone.body().contains("model_not_found"), gone.body());
        }
    }

    @Test
    void theServersWaysOfNamingAModelCount() throws Exception {
        String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
        String prompt = "{\"prompt\":\"a\",\"model\":\"whatever\"}";
        try (ServersPort port = new ServersPort(Map.of())) {
            for (Answer answer :
                    new Answer[] {
                        post(port, "/predictions/alpha", body),
                        post(port, "/models/alpha/invoke", body),
                        post(port, "/invocations?model_name=alpha", body),
                        post(port, "/invocations", body, "model_name: alpha"),
                        post(
                                port,
                                "/invocations",
                                body,
                                "X-Amzn-SageMaker-Custom-Attributes: a=b;model_name=alpha"),
                        post(port, CHAT + "?model_name=alpha", body)
                    }) {
                assertEquals(200, answer.status(), answer.body());
                assertTrue(answer.body().contains("\"object\":\"chat.completion\""));
                assertTrue(answer.body().contains("\"model\":\"alpha\""), answer.body());
            }
            Answer text = post(port, "/predictions/beta", prompt);
            assertTrue(text.body().contains("\"object\":\"text_completion\""), text.body());
            port.onlyModel = "beta";
            assertTrue(post(port, "/invocations", body).body().contains("\"model\":\"beta\""));
            assertTrue(post(port, CHAT, body).body().contains("\"model\":\"beta\""));
            assertEquals(404, post(port, CHAT, chat("nobody", false)).status());
            port.onlyModel = "other";
            assertTrue(post(port, CHAT, body).body().startsWith("stock "));
        }
    }

    @Test
    void whatIsSentAheadWaitsForTheStreamBeforeIt() throws Exception {
        try (ServersPort port = new ServersPort(Map.of());
                HttpSocket socket = port.connect()) {
            port.alpha.hold = true;
            socket.post(CHAT, chat("alpha", true));
            socket.post("/ping", "one");
            socket.post(CHAT, chat("beta", false));
            socket.post("/ping", "two");
            port.alpha.nextSubmitted();
            port.alpha.permits.release(100);
            assertTrue(socket.answer().body().endsWith("data: [DONE]\n\n"));
            assertEquals("stock POST /ping\none", socket.answer().body());
            assertTrue(socket.answer().body().contains("\"model\":\"beta\""));
            assertEquals("stock POST /ping\ntwo", socket.answer().body());
        }
    }

    @Test
    void clientsThatLeaveInTheMiddleFreeTheirWork() throws Exception {
        List<HttpSocket> sockets = new ArrayList<>();
        try (ServersPort port = new ServersPort(Map.of())) {
            port.alpha.hold = true;
            for (int i = 0; i < 24; i++) {
                HttpSocket socket = port.connect();
                socket.post(CHAT, chat("alpha", true));
                sockets.add(socket);
                port.alpha.nextSubmitted();
            }
            port.alpha.permits.release(24);
            assertEquals(24, port.front.api().inFlight());
            for (int i = 0; i < 24; i += 2) {
                sockets.get(i).close();
            }
            for (int i = 0; i < 12; i++) {
                assertTrue(port.alpha.cancelled.poll(20, TimeUnit.SECONDS) != null, "left " + i);
            }
            await(() -> port.front.api().inFlight() == 12);
            port.alpha.permits.release(1_000);
            for (int i = 1; i < 24; i += 2) {
                assertTrue(sockets.get(i).answer().body().endsWith("data: [DONE]\n\n"));
            }
            await(() -> port.front.api().inFlight() == 0);
            assertEquals(0, port.front.bufferedBytes());
            assertNull(port.alpha.cancelled.poll());
        } finally {
            for (HttpSocket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void aReaderWhoTakesNothingIsCutOff() throws Exception {
        Map<String, String> settings =
                Map.of("hfx_stream_buffer_bytes", "4096", "hfx_write_timeout_seconds", "0.2");
        try (ServersPort port = new ServersPort(settings);
                HttpSocket socket = port.connect()) {
            port.alpha.script = new int[400];
            Arrays.fill(port.alpha.script, 'x');
            socket.socket.setReceiveBufferSize(1_024);
            String body =
                    "{\"model\":\"alpha\",\"prompt\":\"a\",\"max_tokens\":400,\"n\":16,\"stream\":true}";
            for (int i = 0; i < 8; i++) {
                socket.post("/v1/completions", body);
            }
            assertTrue(port.alpha.cancelled.poll(20, TimeUnit.SECONDS) != null);
            await(() -> port.front.api().inFlight() == 0);
        }
    }

    @Test
    void keysOpenOurPathsAlone(@TempDir Path folder) throws Exception {
        KeysFile keys = new KeysFile(folder);
        String key = keys.add(Role.INFERENCE, "app");
        try (ServersPort port = new ServersPort(Map.of("hfx_keys_file", keys.path.toString()))) {
            for (String path : new String[] {CHAT, "/v1/completions", "/predictions/alpha"}) {
                Answer refused = post(port, path, chat("alpha", false));
                assertEquals(401, refused.status());
                assertEquals("Bearer", refused.headers().get("www-authenticate"));
            }
            assertEquals(200, post(port, CHAT, chat("alpha", false), key).status());
            assertEquals(200, post(port, "/predictions/alpha", chat("alpha", false), key).status());
            assertTrue(post(port, CHAT, chat("other", false)).body().startsWith("stock "));
        }
    }

    @Test
    void pagesOfTheServersAllowedOriginMayCall() throws Exception {
        try (ServersPort port = new ServersPort(Map.of());
                HttpSocket socket = port.connect()) {
            socket.raw(
                    "OPTIONS "
                            + CHAT
                            + " HTTP/1.1\r\nHost: localhost\r\nOrigin: https://page.example\r\n"
                            + "Access-Control-Request-Method: POST\r\n\r\n");
            Answer preflight = socket.head();
            assertEquals(204, preflight.status());
            assertEquals(
                    "https://page.example", preflight.headers().get("access-control-allow-origin"));
            socket.post(CHAT, chat("alpha", false), "Origin: https://page.example");
            assertEquals(
                    "https://page.example",
                    socket.answer().headers().get("access-control-allow-origin"));
            socket.post(CHAT, chat("alpha", false), "Origin: https://else.example");
            assertFalse(socket.answer().headers().containsKey("access-control-allow-origin"));
        }
    }

    @Test
    void anotherListenerServesTheSameRoutes() throws Exception {
        try (ServersPort port = new ServersPort(Map.of("hfx_address", "http://127.0.0.1:0"));
                HttpSocket socket = new HttpSocket(port.front.port())) {
            socket.post(CHAT, chat("alpha", true));
            assertTrue(socket.answer().body().endsWith("data: [DONE]\n\n"));
            socket.post("/predictions/beta", "{\"prompt\":\"a\"}");
            assertTrue(socket.answer().body().contains("\"model\":\"beta\""));
            socket.post("/predictions/other", "{\"prompt\":\"a\"}");
            assertEquals(404, socket.answer().status());
            socket.post("/predictions/alpha/1.0", "{\"prompt\":\"a\"}");
            assertEquals(404, socket.answer().status());
        }
    }

    @Test
    void theListenerSpeaksTheServersTls(@TempDir Path folder) throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "server");
        Access.Tls files = new Access.Tls(certificate.certificate, certificate.key);
        Map<String, String> settings = Map.of("hfx_address", "https://127.0.0.1:0");
        try (ServersPort port = new ServersPort(settings, () -> Tls.read(files));
                HttpSocket socket =
                        new HttpSocket(
                                certificate
                                        .clientContext()
                                        .getSocketFactory()
                                        .createSocket(
                                                InetAddress.getLoopbackAddress(),
                                                port.front.port()))) {
            socket.post(CHAT, chat("alpha", true));
            assertTrue(socket.answer().body().endsWith("data: [DONE]\n\n"));
        }
        assertThrows(IllegalStateException.class, () -> new ServersPort(settings).close());
    }

    @Test
    void anAddressThatOthersReachNeedsKeysAndOneThatIsTakenIsNoFailure() throws Exception {
        Map<String, String> open = Map.of("hfx_address", "http://0.0.0.0:0");
        ConfigException refused =
                assertThrows(ConfigException.class, () -> new ServersPort(open).close());
        assertTrue(refused.getMessage().contains("hfx_address 0.0.0.0"), refused.getMessage());
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServersPort port =
                        new ServersPort(
                                Map.of(
                                        "hfx_address",
                                        "http://127.0.0.1:" + taken.getLocalPort()))) {
            assertEquals(0, port.front.port());
            assertEquals(200, post(port, CHAT, chat("alpha", false)).status());
        }
    }
}
