package io.hfx.benchmarks.djl;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** HTTP requests as bytes, made once and sent many times. */
final class Requests {
    private Requests() {}

    static byte[] post(String path, String body, Map<String, String> headers) {
        StringBuilder text = new StringBuilder("POST " + path + " HTTP/1.1\r\n");
        text.append("Host: 127.0.0.1\r\nContent-Type: application/json\r\n");
        headers.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        text.append("Content-Length: ")
                .append(body.getBytes(StandardCharsets.UTF_8).length)
                .append("\r\n\r\n")
                .append(body);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
