package io.hfx.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * Stands for the hfx program in a child process: makes an empty model, and serves a few streams at
 * a time. The policy {@code refuse} answers 429, {@code broken} does not start.
 */
final class FakeServe {
    private static final int STREAMS = 4;

    private FakeServe() {}

    public static void main(String[] args) throws Exception {
        List<String> arguments = Arrays.asList(args);
        if (args[0].equals("model")) {
            Path out = Path.of(after(arguments, "--out"));
            Files.createDirectories(out);
            Files.writeString(out.resolve("config.json"), "{}");
            return;
        }
        String policy = after(arguments, "--policy");
        if (policy.equals("broken") || !Files.exists(Path.of(after(arguments, "--classes")))) {
            System.exit(3);
        }
        InetSocketAddress address =
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(),
                        Integer.parseInt(after(arguments, "--port")));
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else 40 ms for each write
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newFixedThreadPool(STREAMS));
        server.createContext("/ready", call -> call.sendResponseHeaders(200, -1));
        server.createContext("/v1/models", FakeServe::models);
        server.createContext("/v1/completions", call -> stream(call, policy));
        server.start();
    }

    private static void models(HttpExchange call) throws IOException {
        call.sendResponseHeaders(200, 0);
        try (OutputStream out = call.getResponseBody()) {
            write(out, "{\"data\":[{\"id\":\"fake\"}]}");
        }
    }

    private static void stream(HttpExchange call, String policy) throws IOException {
        JsonNode body = new JsonMapper().readTree(call.getRequestBody());
        boolean measured = call.getRequestHeaders().containsKey("x-slo-class");
        call.sendResponseHeaders(policy.equals("refuse") && measured ? 429 : 200, 0);
        try (OutputStream out = call.getResponseBody()) {
            for (int i = 0; i < body.get("max_tokens").asInt(); i++) {
                write(out, "data: {\"choices\":[{\"text\":\"x\"}]}\n\n");
            }
            write(out, "data: [DONE]\n\n");
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static String after(List<String> arguments, String option) {
        return arguments.get(arguments.indexOf(option) + 1);
    }
}
