package io.hfx.engine.text;

/**
 * Decodes UTF-8 that comes byte by byte. What cannot become a character is U+FFFD, one for the
 * longest beginning of a character (the Unicode standard's recommended practice, and Rust's; Java's
 * decoder differs for surrogates). Not thread-safe.
 */
final class Utf8Stream {
    private static final char REPLACEMENT = '\uFFFD';

    /** Bytes that the open character lacks; 0 when none is open. */
    private int lacking;

    private int codePoint;

    /** The range that the next byte of the open character must be in. */
    private int lowest = 0x80;

    private int highest = 0xbf;

    /** Takes a byte; appends the text that it makes certain. */
    void push(byte next, StringBuilder out) {
        int b = next & 0xff;
        if (lacking > 0 && b >= lowest && b <= highest) {
            expect(lacking - 1, codePoint << 6 | (b & 0x3f), 0x80, 0xbf);
            if (lacking == 0) {
                out.appendCodePoint(codePoint);
            }
            return;
        }
        finish(out);
        begin(b, out);
    }

    /** Appends what an open character comes to if nothing follows. */
    void finish(StringBuilder out) {
        if (lacking > 0) {
            out.append(REPLACEMENT);
            lacking = 0;
        }
    }

    /** The ranges leave out overlong forms, surrogates, and what is above U+10FFFF. */
    private void begin(int b, StringBuilder out) {
        if (b < 0x80) {
            out.append((char) b);
        } else if (b >= 0xc2 && b <= 0xdf) {
            expect(1, b & 0x1f, 0x80, 0xbf);
        } else if (b >= 0xe0 && b <= 0xef) {
            expect(2, b & 0x0f, b == 0xe0 ? 0xa0 : 0x80, b == 0xed ? 0x9f : 0xbf);
        } else if (b >= 0xf0 && b <= 0xf4) {
            expect(3, b & 0x07, b == 0xf0 ? 0x90 : 0x80, b == 0xf4 ? 0x8f : 0xbf);
        } else {
            out.append(REPLACEMENT);
        }
    }

    private void expect(int bytes, int begun, int from, int to) {
        lacking = bytes;
        codePoint = begun;
        lowest = from;
        highest = to;
    }
}
