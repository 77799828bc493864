package io.hfx.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseParserTest {
    private static final String STREAM =
            ": a comment\n\ndata: {\"a\":1}\n\ndata:tight\r\n\r\nevent: x\nid: 4\ndata: one\n"
                    + "data: two\n\n\n\ndata: gr\u00fcn \u20ac\n\ndata: [DONE]\n\ndata: cut off";
    private static final List<String> EVENTS =
            List.of("{\"a\":1}", "tight", "one\ntwo", "gr\u00fcn \u20ac", "[DONE]");

    @Test
    void eventsAreTheSameWhereverTheNetworkCuts() {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int size = 1; size <= bytes.length; size++) {
            List<String> events = new ArrayList<>();
            SseParser parser = new SseParser(events::add);
            for (int from = 0; from < bytes.length; from += size) {
                int to = Math.min(bytes.length, from + size);
                parser.feed(Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, from, to)));
            }
            assertEquals(EVENTS, events, "pieces of " + size);
        }
    }

    @Test
    void anEndlessEventIsRefused() {
        SseParser parser = new SseParser(data -> {});
        byte[] piece = new byte[1 << 19];
        Arrays.fill(piece, (byte) 'x');
        parser.feed(Unpooled.wrappedBuffer(piece));
        parser.feed(Unpooled.wrappedBuffer(piece));

        assertThrows(IllegalStateException.class, () -> parser.feed(Unpooled.wrappedBuffer(piece)));
    }
}
