package io.hfx.cli.bench;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Splits a byte stream into server-sent events, wherever the network cuts it. Lines end in LF or
 * CRLF; comments and fields other than {@code data} are skipped.
 */
final class SseParser {
    private static final int MAX_EVENT_BYTES = 1 << 20;

    private final Consumer<String> onData;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    private final StringBuilder data = new StringBuilder();
    private boolean hasData;

    /**
     * @param onData called with the data of each event
     */
    SseParser(Consumer<String> onData) {
        this.onData = onData;
    }

    /**
     * Takes all readable bytes.
     *
     * @throws IllegalStateException if an event is larger than 1 MiB
     */
    void feed(ByteBuf bytes) {
        bytes.forEachByte(
                b -> {
                    if (b == '\n') {
                        endLine();
                    } else {
                        line.write(b);
                    }
                    return true;
                });
        if (line.size() + data.length() > MAX_EVENT_BYTES) {
            throw new IllegalStateException("an event is larger than " + MAX_EVENT_BYTES);
        }
        bytes.skipBytes(bytes.readableBytes());
    }

    private void endLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (text.endsWith("\r")) {
            text = text.substring(0, text.length() - 1);
        }
        if (text.isEmpty()) {
            endEvent();
        } else if (text.startsWith("data:")) {
            data.append(hasData ? "\n" : "");
            data.append(text, text.startsWith("data: ") ? 6 : 5, text.length());
            hasData = true;
        }
    }

    private void endEvent() {
        if (hasData) {
            String event = data.toString();
            data.setLength(0);
            hasData = false;
            onData.accept(event);
        }
    }
}
