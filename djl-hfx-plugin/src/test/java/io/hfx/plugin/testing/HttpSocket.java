package io.hfx.plugin.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A client that sees every byte. Reads end with an exception after 20 s. */
public final class HttpSocket implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    public final Socket socket;
    private final InputStream in;

    public HttpSocket(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Takes a connected socket over, for example one of TLS. */
    public HttpSocket(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A whole answer; header names in lower case. */
    public record Answer(int status, Map<String, String> headers, String body) {}

    public void raw(String text) throws IOException {
        raw(text.getBytes(StandardCharsets.UTF_8));
    }

    public void raw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    public void post(String path, String body, String... headerLines) throws IOException {
        post(path, body.getBytes(StandardCharsets.UTF_8), headerLines);
    }

    public void post(String path, byte[] body, String... headerLines) throws IOException {
        boolean typed =
                String.join("\n", headerLines).toLowerCase(Locale.ROOT).contains("content-type");
        String type = typed ? "" : "\r\nContent-Type: application/json";
        send("POST " + path + " HTTP/1.1" + type, headerLines, body);
    }

    void send(String head, String[] headerLines, byte[] body) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        StringBuilder text = new StringBuilder(head).append("\r\nHost: localhost\r\n");
        for (String line : headerLines) {
            text.append(line).append("\r\n");
        }
        text.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        all.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
        all.writeBytes(body);
        raw(all.toByteArray());
    }

    /** Reads a status line and headers; the body is left to the caller. */
    public Answer head() throws IOException {
        int status = Integer.parseInt(line().substring(9, 12));
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Answer(status, headers, "");
    }

    /** Reads a whole answer, of known length or chunked. */
    public Answer answer() throws IOException {
        Answer head = head();
        String length = head.headers().get("content-length");
        StringBuilder body = new StringBuilder();
        if (length != null) {
            body.append(text(Integer.parseInt(length)));
        } else {
            for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
                body.append(chunk);
            }
        }
        return new Answer(head.status(), head.headers(), body.toString());
    }

    /** The next chunk of a chunked body; empty for the last. */
    public String chunk() throws IOException {
        String text = text(Integer.parseInt(line(), 16));
        line();
        return text;
    }

    /** Whether the server has ended the connection. */
    public boolean ended() throws IOException {
        return in.read() < 0;
    }

    private String text(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("connection ended " + (length - bytes.length) + " bytes early");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("connection ended after: " + line);
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
