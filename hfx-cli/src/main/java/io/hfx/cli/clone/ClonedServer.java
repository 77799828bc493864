package io.hfx.cli.clone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.cli.UserError;
import io.hfx.cli.process.Children;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server process, timed from its start until a client has the first token from it. */
final class ClonedServer implements AutoCloseable {
    static final String MODEL_ID = "demo";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long WITHIN_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long POLL_MILLIS = 10;
    private static final int ANSWER_TOKENS = 24;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final URI base;
    private final Path log;
    private final double firstTokenMs;

    private ClonedServer(Process process, URI base, Path log, long startNanos, ProgressBar bar)
            throws InterruptedException {
        this.process = process;
        this.base = base;
        this.log = log;
        boolean answered = false;
        try {
            awaitFirstToken(startNanos, bar);
            answered = true;
        } finally {
            bar.end();
            if (!answered) {
                close();
            }
        }
        this.firstTokenMs = (System.nanoTime() - startNanos) / 1e6;
    }

    /**
     * Starts it and waits for the first token.
     *
     * @param program with the options of {@code serve} that make it listen at that port
     */
    static ClonedServer start(
            Children children, ProcessBuilder program, int port, Path log, ProgressBar bar)
            throws InterruptedException {
        long startNanos = System.nanoTime();
        Process process = children.start(program, log);
        return new ClonedServer(
                process, URI.create("http://127.0.0.1:" + port), log, startNanos, bar);
    }

    /** From the start of the process until the first token was here. */
    double firstTokenMs() {
        return firstTokenMs;
    }

    /** The model's entry of {@code GET /hfx/weights}. */
    JsonNode weights() throws InterruptedException {
        try {
            return askWeights();
        } catch (IOException e) {
            throw new UserError("the server does not answer (" + e + "), see " + log);
        }
    }

    /** A greedy answer of some tokens, always to the same prompt. */
    String answer() throws InterruptedException {
        try {
            String text = complete(ANSWER_TOKENS);
            if (text != null) {
                return text;
            }
        } catch (IOException e) {
            throw new UserError("the server does not answer (" + e + "), see " + log);
        }
        throw new UserError("the server does not answer, see " + log);
    }

    private void awaitFirstToken(long startNanos, ProgressBar bar) throws InterruptedException {
        while (!hasFirstToken(bar)) {
            if (!process.isAlive()) {
                throw new UserError("the server ended while starting, see " + log);
            }
            if (System.nanoTime() - startNanos > WITHIN_NANOS) {
                throw new UserError("the server was not ready in time, see " + log);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private boolean hasFirstToken(ProgressBar bar) throws InterruptedException {
        try {
            if (complete(1) != null) {
                return true;
            }
            if (bar.shows()) {
                bar.show(askWeights().path("transfer"));
            }
        } catch (IOException e) {
            // not listening yet; whether it still lives is asked elsewhere
        }
        return false;
    }

    /** The text, or null where the server does not serve yet. */
    private @Nullable String complete(int tokens) throws IOException, InterruptedException {
        String body =
                String.format(
                        "{\"model\":\"%s\",\"prompt\":[5,6,7,8,9,10],\"max_tokens\":%d,"
                                + "\"temperature\":0,\"ignore_eos\":true}",
                        MODEL_ID, tokens);
        HttpRequest request =
                HttpRequest.newBuilder(base.resolve("/v1/completions"))
                        .timeout(Duration.ofMinutes(1))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.headers().firstValue("x-hfx-reason").orElse("").equals("model-failed")) {
            throw new UserError("the server could not load the model, see " + log);
        }
        return answer.statusCode() == 200
                ? JSON.readTree(answer.body()).at("/choices/0/text").asText()
                : null;
    }

    private JsonNode askWeights() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(base.resolve("/hfx/weights"))
                        .timeout(Duration.ofSeconds(10))
                        .build();
        HttpResponse<String> page = client.send(request, HttpResponse.BodyHandlers.ofString());
        return JSON.readTree(page.body()).at("/models/0");
    }

    @Override
    public void close() {
        Children.end(process);
    }
}
