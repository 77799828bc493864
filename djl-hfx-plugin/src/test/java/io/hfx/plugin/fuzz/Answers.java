package io.hfx.plugin.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads answers as a strict client does: anything that is not well-formed HTTP is an error. */
final class Answers {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([1-5][0-9]{2}) [ -~]*");
    private static final Pattern HEADER =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([ -~]*)");
    private static final Set<Integer> MEANT_5XX = Set.of(503, 505);

    private final InputStream in;

    Answers(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    /** What ended an answer, and whether the connection stays. */
    record Answer(int status, boolean last) {}

    /** The next answer; null where the connection ended before it. */
    Answer next() throws IOException {
        String line = line();
        if (line == null) {
            return null;
        }
        int status = Integer.parseInt(match(STATUS, line).group(1));
        if (status >= 500 && !MEANT_5XX.contains(status)) {
            throw new Malformed("status " + status);
        }
        int length = -1;
        boolean chunked = false;
        boolean close = false;
        for (String header = needed(); !header.isEmpty(); header = needed()) {
            Matcher field = match(HEADER, header);
            String name = field.group(1).toLowerCase(Locale.ROOT);
            length = name.equals("content-length") ? Integer.parseInt(field.group(2)) : length;
            chunked |= name.equals("transfer-encoding") && field.group(2).equals("chunked");
            close |= name.equals("connection") && field.group(2).equals("close");
        }
        if (status == 100) {
            return new Answer(status, false);
        }
        if (status == 204) {
            return new Answer(status, close); // never a body, whatever the head says
        }
        return new Answer(status, body(length, chunked, close) || close);
    }

    /** Whether the body was the connection's last. */
    private boolean body(int length, boolean chunked, boolean close) throws IOException {
        if (chunked) {
            chunks();
            return false;
        }
        if (length < 0) {
            if (!close) {
                throw new Malformed("an answer without a length that does not end the connection");
            }
            in.readAllBytes();
            return true;
        }
        in.mark(1);
        if (length > 0 && in.read() < 0) {
            return true; // the answer of a HEAD request
        }
        in.reset();
        mark(length);
        return false;
    }

    private void mark(int length) throws IOException {
        in.mark(16);
        byte[] start = in.readNBytes(Math.min(length, 9));
        if (new String(start, StandardCharsets.ISO_8859_1).equals("HTTP/1.1 ")) {
            in.reset(); // the answer of a HEAD request, and another one after it
            return;
        }
        if (in.readNBytes(length - start.length).length < length - start.length) {
            throw new EOFException("inside a body");
        }
    }

    private void chunks() throws IOException {
        while (true) {
            int length = Integer.parseInt(needed(), 16);
            if (in.readNBytes(length).length < length) {
                throw new EOFException("inside a chunk");
            }
            if (!needed().isEmpty()) {
                throw new Malformed("a chunk without its end");
            }
            if (length == 0) {
                return;
            }
        }
    }

    private static Matcher match(Pattern pattern, String line) throws Malformed {
        Matcher matcher = pattern.matcher(line);
        if (!matcher.matches()) {
            throw new Malformed("not HTTP: " + line);
        }
        return matcher;
    }

    private String needed() throws IOException {
        String line = line();
        if (line == null) {
            throw new EOFException("inside an answer");
        }
        return line;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                if (line.size() == 0) {
                    return null;
                }
                throw new EOFException("inside a line");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new Malformed("a line that ends without CR: " + text);
        }
        return text.substring(0, text.length() - 1);
    }

    /** The server said what it must not say. */
    static final class Malformed extends IOException {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message);
        }
    }
}
