package io.hfx.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResponseParserTest {
    private static final String WITH_LENGTH =
            lines(
                    "HTTP/1.1 429 Too Many Requests",
                    "X-HFX-Reason: queue-full",
                    "content-length: 3",
                    "",
                    "abc");
    private static final String CHUNKED =
            lines(
                    "HTTP/1.1 200 OK",
                    "Transfer-Encoding: chunked",
                    "",
                    "2",
                    "ab",
                    "1;x=y",
                    "c",
                    "0",
                    "",
                    "");
    private static final String EMPTY =
            lines("HTTP/1.1 200 OK", "connection: close", "content-length: 0", "", "");

    private static String lines(String... lines) {
        return String.join("\r\n", lines);
    }

    @Test
    void answersComeOutWhateverTheirPieces() {
        byte[] all = (WITH_LENGTH + CHUNKED + EMPTY).getBytes(StandardCharsets.ISO_8859_1);
        for (int piece = 1; piece <= all.length; piece++) {
            ResponseParser parser = new ResponseParser();
            List<Response> responses = new ArrayList<>();
            for (int from = 0; from < all.length; from += piece) {
                parser.feed(ByteBuffer.wrap(all, from, Math.min(piece, all.length - from)));
                for (Response r = parser.next(); r != null; r = parser.next()) {
                    responses.add(r);
                }
            }
            assertEquals(3, responses.size(), "in pieces of " + piece);
            assertEquals(429, responses.get(0).status());
            assertEquals("queue-full", responses.get(0).header("x-hfx-reason"));
            assertNull(responses.get(0).header("x-hfx"));
            assertEquals("abc", responses.get(0).text());
            assertTrue(responses.get(0).isKeptAlive());
            assertEquals("abc", responses.get(1).text());
            assertEquals("", responses.get(2).text());
            assertFalse(responses.get(2).isKeptAlive());
            assertFalse(parser.isInside());
        }
    }

    @Test
    void whatIsNotWholeIsNoAnswer() {
        ResponseParser parser = new ResponseParser();
        byte[] cut = CHUNKED.substring(0, CHUNKED.length() - 3).getBytes(StandardCharsets.UTF_8);
        parser.feed(ByteBuffer.wrap(cut));
        assertNull(parser.next());
        assertTrue(parser.isInside());
        parser.feed(ByteBuffer.wrap("\n\r\n".getBytes(StandardCharsets.UTF_8)));
        assertNotNull(parser.next());
    }

    @Test
    void whatIsNoHttpIsSaid() {
        ResponseParser parser = new ResponseParser();
        parser.feed(ByteBuffer.wrap("SSH-2.0\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
        assertThrows(ResponseParser.MalformedResponseException.class, parser::next);
    }
}
