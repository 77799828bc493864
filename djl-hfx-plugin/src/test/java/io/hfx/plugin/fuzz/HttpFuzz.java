package io.hfx.plugin.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Requests as bytes: well-formed around any body, or with wrong lines, lengths, chunks, bytes. */
final class HttpFuzz {
    private static final String[] LINES = {
        "GET /health HTTP/1.1",
        "GET /ready HTTP/1.1",
        "HEAD /metrics HTTP/1.1",
        "GET /hfx/status HTTP/1.1",
        "GET /v1/models HTTP/1.1",
        "GET /v1/models/%73ample HTTP/1.1",
        "GET /v1/models/ HTTP/1.1",
        "GET http://localhost/v1/models/sample HTTP/1.1",
        "OPTIONS /v1/completions HTTP/1.1",
        "PUT /v1/completions HTTP/1.1",
        "POST /v1/completions HTTP/1.0",
        "POST /v1/completions HTTP/2.0",
        "PRI * HTTP/2.0",
        "GET /%zz HTTP/1.1",
        "GET /\u0000 HTTP/1.1",
        "GET ?a=b HTTP/1.1",
        "GET  HTTP/1.1",
        "",
        "GET http:// HTTP/1.1",
        "GET / / HTTP/1.1",
        "CONNECT a:1 HTTP/1.1",
        "POST * HTTP/1.1",
        "DELETE /hfx/requests/1 HTTP/1.1",
        "GET /v1/chat/completions HTTP/1.1"
    };
    private static final String[] HEADERS = {
        "x-slo-ttft-ms: 1",
        "x-slo-ttft-ms: NaN",
        "x-slo-ttft-ms: 1e400",
        "x-slo-ttft-ms: -0",
        "x-slo-tpot-ms: 0.0001",
        "x-slo-e2e-ms: 86400001",
        "x-slo-class: batch",
        "x-slo-class: ?",
        "x-slo-class: chat\r\nx-slo-class: batch",
        "request-timeout-ms: 5",
        "x-priority: -9999999",
        "x-priority: 1",
        "x-request-id: \u00ff",
        "Expect: 100-continue",
        "Expect: x",
        "Connection: close",
        "Connection: Upgrade\r\nUpgrade: h2c",
        "Content-Encoding: gzip",
        "Content-Type: text/plain",
        "Content-Type: application/json; charset=utf-16",
        "Content-Length: 3",
        "Content-Length: -1",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Host: localhost",
        "Host: evil.example",
        "a",
        ": b",
        " c: d",
        "Cookie: a=b",
        "Accept: */*",
        "Origin: http://localhost",
        "Trailer: x",
        "Authorization: Bearer x",
        "Authorization: Basic eDp5",
        "e\u0000f: g",
        "h: i\u0000j"
    };

    private final Random random;

    HttpFuzz(Random random) {
        this.random = random;
    }

    /** A request that is right as far as HTTP goes. */
    byte[] plain(boolean chat, byte[] body) {
        String path = chat ? "/v1/chat/completions" : "/v1/completions";
        return bytes("POST " + path + " HTTP/1.1", List.of("Content-Type: application/json"), body);
    }

    /** A request, or a few in a row, with something wrong about lines, headers or chunks. */
    byte[] mutated(boolean chat, byte[] body) {
        String line =
                random.nextInt(3) == 0
                        ? LINES[random.nextInt(LINES.length)]
                        : "POST /v1/" + (chat ? "chat/" : "") + "completions HTTP/1.1";
        List<String> headers = new ArrayList<>();
        if (random.nextInt(8) != 0) {
            headers.add("Content-Type: application/json");
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            headers.add(HEADERS[random.nextInt(HEADERS.length)]);
        }
        byte[] first =
                random.nextInt(3) == 0 ? chunked(line, headers, body) : bytes(line, headers, body);
        return random.nextInt(4) == 0 ? joined(first, plain(chat, body)) : first;
    }

    private static byte[] bytes(String line, List<String> headers, byte[] body) {
        List<String> all = new ArrayList<>(headers);
        all.add("Content-Length: " + body.length);
        return joined(head(line, all), body);
    }

    private byte[] chunked(String line, List<String> headers, byte[] body) {
        List<String> all = new ArrayList<>(headers);
        all.add("Transfer-Encoding: chunked");
        byte[] bytes = head(line, all);
        for (int at = 0; at < body.length; ) {
            int length = Math.min(body.length - at, 1 + random.nextInt(200));
            int stated = random.nextInt(40) == 0 ? length + random.nextInt(3) - 1 : length;
            String extension = random.nextInt(10) == 0 ? ";a=\"b\"" : "";
            bytes = joined(bytes, text(Integer.toHexString(stated) + extension + "\r\n"));
            bytes = joined(bytes, Arrays.copyOfRange(body, at, at + length));
            bytes = joined(bytes, text("\r\n"));
            at += length;
        }
        return joined(bytes, text(random.nextInt(5) == 0 ? "0\r\nx: y\r\n\r\n" : "0\r\n\r\n"));
    }

    private static byte[] head(String line, List<String> headers) {
        String host =
                headers.stream().anyMatch(h -> h.startsWith("Host")) ? "" : "Host: localhost\r\n";
        return text(line + "\r\n" + host + String.join("\r\n", headers) + "\r\n\r\n");
    }

    /** Some bytes changed, put in, taken out or doubled; or the rest cut off. */
    byte[] bitten(byte[] request) {
        byte[] bytes = request;
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 1; i--) {
            int at = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, at + 1 + random.nextInt(16));
            byte[] before = Arrays.copyOf(bytes, at);
            byte[] piece = Arrays.copyOfRange(bytes, at, to);
            byte[] after = Arrays.copyOfRange(bytes, to, bytes.length);
            byte[] junk = new byte[1 + random.nextInt(4)];
            random.nextBytes(junk);
            bytes =
                    switch (random.nextInt(6)) {
                        case 0 -> joined(before, after);
                        case 1 -> joined(joined(before, piece), joined(piece, after));
                        case 2 -> joined(joined(before, junk), joined(piece, after));
                        case 3 -> random.nextInt(4) == 0 ? before : bytes;
                        default -> flipped(bytes, at);
                    };
        }
        return bytes;
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(first.length + second.length);
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }
}
