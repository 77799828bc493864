package io.hfx.plugin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.TestServer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON at and beyond the edges of its grammar. */
class MalformedBodiesTest {
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"temperature\":1e999999",
                "\"temperature\":-0.0e-99999999",
                "\"temperature\":1e-999999999999999999999",
                "\"seed\":1.5e0",
                "\"seed\":123456789012345678901234567890",
                "\"max_tokens\":1e400",
                "\"slo\":{\"ttft_ms\":1e400}",
                "\"slo\":{\"ttft_ms\":-0.0}",
                "\"slo\":{\"ttft_ms\":-0}",
                "\"slo\":{\"ttft_ms\":NaN}",
                "\"slo\":{\"ttft_ms\":\"1\"}",
                "\"slo\":{\"ttft_ms\":[1]}",
                "\"n\":true",
                "\"n\":1.5",
                "\"n\":[]",
                "\"prompt\":\"b\"",
                "\"\":1",
                "\"\\u0000\":1",
            })
    void strangeValuesAreClientErrorsOrTaken(String field) throws Exception {
        Answer answer = server.post("/v1/completions", BODY.replace("}", "," + field + "}"));
        boolean harmless = field.contains("-0.0e") || field.contains("1e-9");
        int expected = harmless ? answer.status() : 400;
        assertTrue(answer.status() == 200 || answer.status() == 400, answer.body());
        assertEquals(expected, answer.status(), answer.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"seed\":1e5", "\"n\":1.0", "\"max_tokens\":20e-1"})
    void aWholeNumberIsOneHoweverItIsWritten(String field) throws Exception {
        assertEquals(
                200, server.post("/v1/completions", BODY.replace("}", "," + field + "}")).status());
    }

    @Test
    void bodiesThatAreNotJsonInUtf8Are400() throws Exception {
        for (Charset charset : new Charset[] {StandardCharsets.UTF_16, StandardCharsets.UTF_16LE}) {
            assertEquals(400, status(BODY.getBytes(charset)), charset.name());
        }
        assertEquals(400, status(new byte[] {(byte) 0xc0, (byte) 0x80}));
        assertEquals(400, status(new byte[0]));
        assertEquals(400, status(new byte[1000]));
        assertEquals(400, status(text("[".repeat(100_000))));
        assertEquals(400, status(text("{\"a\":".repeat(40_000))));
        assertEquals(400, status(text("{\"" + "k".repeat(200_000) + "\":1}")));
        assertEquals(400, status(text("{\"n\":" + "9".repeat(200_000) + "}")));
        assertEquals(400, status(text("{\"n\":1" + "0".repeat(60) + ".5}")));
        assertEquals(400, status(text(BODY + "}")));
        assertEquals(400, status(text("\u0000" + BODY)));
    }

    /** A surrogate without its partner is text of some kind: served or refused, never a failure. */
    @Test
    void loneSurrogatesDoNoHarm() throws Exception {
        int status = status(text(BODY.replace("\"a\"", "\"\\ud800a\\udc00\\ud800\"")));
        assertTrue(status == 200 || status == 400, "" + status);
        String stop = ",\"stop\":\"\\ud800\\u0000\\udfff\"}";
        assertEquals(200, status(text(BODY.replace("}", stop))));
        int marked = status(text("\ufeff" + BODY));
        assertTrue(marked == 200 || marked == 400, "" + marked);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int status(byte[] body) throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.post("/v1/completions", body);
            return socket.answer().status();
        }
    }
}
