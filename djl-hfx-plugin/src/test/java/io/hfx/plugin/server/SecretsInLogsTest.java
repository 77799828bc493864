package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.auth.Role;
import io.hfx.plugin.testing.FakeServerMain;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.KeysFile;
import io.hfx.plugin.testing.TestCertificate;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server writes at debug level holds no key, no header and no text of a client. */
class SecretsInLogsTest {
    private static final String PLANTED = "PlantedSecret";

    @TempDir Path folder;

    @Test
    void nothingOfARequestIsLogged() throws Exception {
        KeysFile keys = new KeysFile(folder);
        String key = keys.add(Role.INFERENCE, "web");
        String log = logOf(port -> plainClients(port, key), "hfx_keys_file", keys.path.toString());
        assertNothing(log, key.substring("Authorization: Bearer ".length()));
    }

    @Test
    void nothingIsLoggedOfPlainTextOnATlsPort() throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "server");
        String log =
                logOf(
                        port -> {
                            try (HttpSocket socket = new HttpSocket(port)) {
                                socket.raw(
                                        "GET / HTTP/1.1\r\nAuthorization: " + PLANTED + "\r\n\r\n");
                                socket.socket.getInputStream().readAllBytes();
                            }
                        },
                        "hfx_tls_certificate",
                        certificate.certificate.toString(),
                        "hfx_tls_key",
                        certificate.key.toString());
        assertTrue(log.contains("connection without TLS"), log);
        assertNothing(log, PLANTED);
    }

    private static void assertNothing(String log, String key) {
        String hex = HexFormat.of().formatHex(PLANTED.getBytes(StandardCharsets.UTF_8));
        String lower = log.toLowerCase(Locale.ROOT);
        assertTrue(log.contains("DEBUG"), "the log is not of debug level");
        assertFalse(log.contains(key), log);
        assertFalse(lower.contains(PLANTED.toLowerCase(Locale.ROOT)), log);
        assertFalse(lower.contains(hex), log);
    }

    private static void plainClients(int port, String key) throws Exception {
        String body = "{\"model\":\"fake/model\",\"prompt\":\"" + PLANTED + "\"}";
        for (String header : new String[] {key, "Authorization: Bearer " + PLANTED, "a: b"}) {
            for (String text :
                    new String[] {body, body + PLANTED, "{\"" + PLANTED + "\":1}", PLANTED}) {
                try (HttpSocket socket = new HttpSocket(port)) {
                    socket.post("/v1/completions", text, header, "x-made-up: " + PLANTED);
                    int status = socket.answer().status();
                    assertTrue(status == 200 || status == 400 || status == 401, "" + status);
                }
            }
        }
        for (String raw :
                new String[] {
                    PLANTED + "\r\n\r\n",
                    "GET /" + PLANTED + "?" + PLANTED + " HTTP/1.1\r\n\r\n",
                    "GET /health HTTP/1.1\r\n" + PLANTED + "\r\n\r\n",
                    "GET /health HTTP/1.1\r\nContent-Length: " + PLANTED + "\r\n\r\n",
                    "GET /health HTTP/1.1\r\nx: " + PLANTED.repeat(2_000) + "\r\n\r\n",
                    "POST /v1/completions HTTP/1.1\r\nContent-Length: 99\r\n\r\n" + PLANTED
                }) {
            try (HttpSocket socket = new HttpSocket(port)) {
                socket.raw(raw);
                assertTrue(socket.answer().status() >= 400);
            }
        }
        crowd(port);
    }

    /** One connection more than may be open. */
    private static void crowd(int port) throws Exception {
        List<HttpSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sockets.add(new HttpSocket(port));
        }
        HttpSocket last = sockets.get(4);
        last.raw("GET /" + PLANTED + " HTTP/1.1\r\nAuthorization: Bearer " + PLANTED + "\r\n\r\n");
        assertEquals(503, last.answer().status());
        for (HttpSocket socket : sockets) {
            socket.close();
        }
    }

    /** Starts a server, lets clients at it, and gives what it wrote once it has ended. */
    private String logOf(Clients clients, String... settings) throws Exception {
        Path log = folder.resolve("log");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=debug",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FakeServerMain.class.getName(),
                                "hfx_max_connections",
                                "4",
                                "hfx_read_timeout_seconds",
                                "0.5"));
        command.addAll(List.of(settings));
        Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        try (BufferedReader out = process.inputReader()) {
            clients.visit(Integer.parseInt(out.readLine()));
            process.destroy();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            return Files.readString(log);
        } finally {
            process.destroyForcibly();
        }
    }

    @FunctionalInterface
    private interface Clients {
        void visit(int port) throws Exception;
    }
}
