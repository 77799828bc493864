package io.hfx.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads one HTTP/1.1 answer after the other from the bytes of a connection: with a length, chunked,
 * or without a body. An answer that ends with its connection is not read: the servers measured here
 * send none.
 */
final class ResponseParser {
    private static final int UNKNOWN = -1;

    private byte[] bytes = new byte[1024];
    private int size;

    private @Nullable String head;
    private int status;
    private boolean chunked;

    /** Where the body, or the next chunk's size line, begins. */
    private int cursor;

    /** Of the body; with chunks, what was decoded of it so far. */
    private int bodyBytes;

    private byte[] body = new byte[0];

    /** Whether bytes of an answer are here that is not complete. */
    boolean isInside() {
        return size > 0 || head != null;
    }

    /** Takes in what was received. */
    void feed(ByteBuffer received) {
        int more = received.remaining();
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
        received.get(bytes, size, more);
        size += more;
    }

    /**
     * The next answer if all of it is here, else null.
     *
     * @throws MalformedResponseException if this is no HTTP
     */
    @Nullable Response next() {
        String found = head;
        if (found == null) {
            found = readHead();
            if (found == null) {
                return null;
            }
            head = found;
        }
        boolean complete = chunked ? readChunks() : readBody();
        if (!complete) {
            return null;
        }
        Response response = new Response(status, found, Arrays.copyOf(body, bodyBytes));
        System.arraycopy(bytes, cursor, bytes, 0, size - cursor);
        size -= cursor;
        head = null;
        return response;
    }

    private @Nullable String readHead() {
        int end = endOfHead();
        if (end == UNKNOWN) {
            return null;
        }
        String text = new String(bytes, 0, end - 2, StandardCharsets.ISO_8859_1);
        if (!text.startsWith("HTTP/1.1 ")) {
            throw new MalformedResponseException(text.lines().findFirst().orElse(""));
        }
        status = number(text.substring(9, Math.min(12, text.length())), 10);
        chunked = "chunked".equalsIgnoreCase(Response.header(text, "transfer-encoding"));
        String length = Response.header(text, "content-length");
        bodyBytes = chunked || length == null ? 0 : number(length, 10);
        cursor = end;
        body = new byte[bodyBytes];
        return text;
    }

    private int endOfHead() {
        for (int i = 3; i < size; i++) {
            if (bytes[i] == '\n'
                    && bytes[i - 1] == '\r'
                    && bytes[i - 2] == '\n'
                    && bytes[i - 3] == '\r') {
                return i + 1;
            }
        }
        return UNKNOWN;
    }

    private boolean readBody() {
        if (size - cursor < bodyBytes) {
            return false;
        }
        System.arraycopy(bytes, cursor, body, 0, bodyBytes);
        cursor += bodyBytes;
        return true;
    }

    private boolean readChunks() {
        while (true) {
            int lineEnd = endOfLine(cursor);
            if (lineEnd == UNKNOWN) {
                return false;
            }
            String line = new String(bytes, cursor, lineEnd - cursor, StandardCharsets.ISO_8859_1);
            int length = number(line.split(";", 2)[0].trim(), 16);
            int data = lineEnd + 2;
            if (size < data + length + 2) {
                return false;
            }
            cursor = data + length + 2;
            if (length == 0) {
                return true;
            }
            if (bodyBytes + length > body.length) {
                body = Arrays.copyOf(body, Math.max(body.length * 2, bodyBytes + length));
            }
            System.arraycopy(bytes, data, body, bodyBytes, length);
            bodyBytes += length;
        }
    }

    private int endOfLine(int from) {
        for (int i = from; i + 1 < size; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        return UNKNOWN;
    }

    private static int number(String text, int radix) {
        try {
            return Integer.parseUnsignedInt(text, radix);
        } catch (NumberFormatException e) {
            throw new MalformedResponseException(text);
        }
    }

    /** What came is no HTTP/1.1. */
    static final class MalformedResponseException extends RuntimeException {
        MalformedResponseException(String what) {
            super("not an HTTP/1.1 answer: " + what);
        }
    }
}
