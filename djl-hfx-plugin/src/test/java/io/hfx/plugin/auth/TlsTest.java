package io.hfx.plugin.auth;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.TestCertificate;
import io.hfx.plugin.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    private static final String STREAM =
            "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stream\":true,\"max_tokens\":400}";

    @TempDir static Path folder;

    private static TestCertificate certificate;

    @BeforeAll
    static void make() throws Exception {
        certificate = new TestCertificate(folder, "server");
    }

    private static TestServer server(String... more) throws Exception {
        String[] settings = Arrays.copyOf(more, more.length + 4);
        settings[more.length] = "hfx_tls_certificate";
        settings[more.length + 1] = certificate.certificate.toString();
        settings[more.length + 2] = "hfx_tls_key";
        settings[more.length + 3] = certificate.key.toString();
        return new TestServer(settings);
    }

    private static HttpSocket connect(TestServer server, String... protocols) throws Exception {
        SSLSocket socket =
                (SSLSocket)
                        certificate
                                .clientContext()
                                .getSocketFactory()
                                .createSocket(
                                        InetAddress.getLoopbackAddress(), server.server.port());
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        socket.startHandshake();
        return new HttpSocket(socket);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void requestsAndStreamsGoThroughTls(String protocol) throws Exception {
        try (TestServer server = server();
                HttpSocket socket = connect(server, protocol)) {
            assertTrue(server.server.url().startsWith("https://"));
            socket.post("/v1/completions", STREAM);
            assertTrue(socket.answer().body().endsWith("data: [DONE]\n\n"));
            socket.post("/v1/completions", STREAM, "Connection: close");
            assertTrue(socket.answer().body().endsWith("data: [DONE]\n\n"));
            assertTrue(socket.ended());
        }
    }

    @Test
    void oldProtocolsAndPlainHttpAreTurnedAwayAndTheServerGoesOn() throws Exception {
        try (TestServer server = server()) {
            assertThrows(IOException.class, () -> connect(server, "TLSv1.1"));
            try (HttpSocket plain = server.connect()) {
                plain.raw("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThrows(IOException.class, () -> plain.head());
            }
            try (HttpSocket good = connect(server)) {
                good.raw("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
                String metrics = good.answer().body();
                assertFalse(metrics.contains("reason=\"tls-failed\"} 0.0"), metrics);
            }
        }
    }

    @Test
    void aSilentHandshakeEnds() throws Exception {
        try (TestServer server = server("hfx_read_timeout_seconds", "0.2");
                HttpSocket silent = server.connect()) {
            silent.socket.getOutputStream().write(0x16);
            while (!silent.ended()) {
                // an alert may come before the end
            }
        }
    }

    @Test
    void theKeyIsGuardedAndWrongFilesAreNamed() throws Exception {
        Path open = Files.copy(certificate.key, folder.resolve("open.pem"));
        Files.setPosixFilePermissions(
                open, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        assertTrue(failure(certificate.certificate, open).contains("chmod 600"));
        String wrong = failure(certificate.key, certificate.key);
        assertTrue(wrong.contains("hfx_tls_certificate"), wrong);
        assertTrue(failure(folder.resolve("none"), certificate.key).contains("none"));
    }

    private static String failure(Path certificate, Path key) {
        return assertThrows(
                        ConfigException.class,
                        () ->
                                new TestServer(
                                        "hfx_tls_certificate",
                                        certificate.toString(),
                                        "hfx_tls_key",
                                        key.toString()))
                .getMessage();
    }
}
