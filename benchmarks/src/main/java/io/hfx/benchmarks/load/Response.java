package io.hfx.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP answer, read to its end.
 *
 * @param status its code
 * @param head status line and headers, as sent
 * @param body without the transfer coding
 */
public record Response(int status, String head, byte[] body) {
    /** The first header of that name, trimmed; null if there is none. */
    public @Nullable String header(String name) {
        return header(head, name);
    }

    static @Nullable String header(String head, String name) {
        int from = head.indexOf("\r\n");
        while (from >= 0 && from + 2 < head.length()) {
            int start = from + 2;
            int end = head.indexOf("\r\n", start);
            int stop = end < 0 ? head.length() : end;
            int colon = start + name.length();
            if (colon < stop
                    && head.charAt(colon) == ':'
                    && head.regionMatches(true, start, name, 0, name.length())) {
                return head.substring(colon + 1, stop).trim();
            }
            from = end;
        }
        return null;
    }

    /** Whether the server keeps the connection, as it says. */
    boolean isKeptAlive() {
        String connection = header("connection");
        return connection == null || !connection.toLowerCase(Locale.ROOT).contains("close");
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
