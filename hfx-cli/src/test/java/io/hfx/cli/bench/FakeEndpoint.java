package io.hfx.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An OpenAI endpoint on a free port whose answers a test scripts. */
final class FakeEndpoint implements AutoCloseable {
    /** What was asked. */
    record Asked(String path, Headers headers, JsonNode body) {}

    /** Writes the body of an answer that is a stream of events. */
    interface Script {
        void write(Asked asked, OutputStream out) throws IOException, InterruptedException;
    }

    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    private FakeEndpoint(HttpServer server) {
        this.server = server;
    }

    /** Answers every request with 200 and these events. */
    static FakeEndpoint streaming(Script script) throws IOException {
        return start(200, "", script);
    }

    /** Answers every request with this status and, where not empty, reason header. */
    static FakeEndpoint saying(int status, String reason) throws IOException {
        return start(status, reason, (a, out) -> out.write("{\"error\":{}}".getBytes(UTF8)));
    }

    private static final Charset UTF8 = StandardCharsets.UTF_8;

    private static FakeEndpoint start(int status, String reason, Script script) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        FakeEndpoint endpoint = new FakeEndpoint(server);
        server.setExecutor(endpoint.threads);
        server.createContext("/", call -> endpoint.answer(call, status, reason, script));
        server.start();
        return endpoint;
    }

    private void answer(HttpExchange call, int status, String reason, Script script)
            throws IOException {
        Asked one =
                new Asked(
                        call.getRequestURI().getPath(),
                        call.getRequestHeaders(),
                        new JsonMapper().readTree(call.getRequestBody()));
        asked.add(one);
        if (!reason.isEmpty()) {
            call.getResponseHeaders().set("x-hfx-reason", reason);
        }
        call.sendResponseHeaders(status, 0);
        try (OutputStream out = call.getResponseBody()) {
            script.write(one, out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    List<Asked> asked() {
        return asked;
    }

    Target target(Api api) {
        URI uri = Target.parse("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
        return new Target(uri, api, "m", Optional.of("secret"), true);
    }

    /** A completions chunk with this text. */
    static String text(String text) {
        return "data: {\"choices\":[{\"index\":0,\"text\":\"" + text + "\"}]}\n\n";
    }

    /** The last chunk, with usage. */
    static String usage(int promptTokens, int completionTokens) {
        return "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":"
                + promptTokens
                + ",\"completion_tokens\":"
                + completionTokens
                + "}}\n\n";
    }

    /** Streams as many one-token chunks as asked for. */
    static void plain(Asked asked, OutputStream out) throws IOException {
        int tokens = asked.body().get("max_tokens").asInt();
        for (int i = 0; i < tokens; i++) {
            write(out, text("x"));
        }
        write(out, usage(asked.body().path("prompt").size(), tokens) + "data: [DONE]\n\n");
    }

    static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(UTF8));
        out.flush();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
