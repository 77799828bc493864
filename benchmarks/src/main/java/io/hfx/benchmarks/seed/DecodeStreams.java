package io.hfx.benchmarks.seed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A number of clients that stream one greedy answer after the other, until closed. */
final class DecodeStreams implements AutoCloseable {
    private static final int PROMPT_TOKENS = 8;

    /**
     * When the tokens of an answer came.
     *
     * @param nanos of each event with text
     * @param tokens that were asked for and made
     */
    record Answer(long[] nanos, int tokens) {
        boolean isWithin(long fromNanos, long toNanos) {
            return nanos[0] >= fromNanos && nanos[nanos.length - 1] <= toNanos;
        }

        double tpotMillis() {
            return (nanos[nanos.length - 1] - nanos[0]) / 1e6 / (tokens - 1);
        }
    }

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI target;
    private final int tokens;
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Exception failure;
    private volatile boolean closed;

    DecodeStreams(URI server, int streams, int tokens) {
        this.target = server.resolve("/v1/completions");
        this.tokens = tokens;
        for (int i = 0; i < streams; i++) {
            int stream = i;
            Thread thread = new Thread(() -> run(stream), "stream-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private void run(int stream) {
        try {
            for (int i = 0; !closed; i++) {
                answers.add(answer(body(stream, i)));
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (!closed) {
                failure = e;
            }
        }
    }

    /** Other prompts every time, so that no prefix cache answers. */
    private String body(int stream, int i) {
        StringBuilder prompt = new StringBuilder();
        for (int t = 0; t < PROMPT_TOKENS; t++) {
            prompt.append(t == 0 ? "" : ",").append(5 + (stream * 7919 + i * 104_729 + t) % 1000);
        }
        return "{\"model\":\"%s\",\"prompt\":[%s],\"max_tokens\":%d,\"temperature\":0,"
                        .formatted(SeedServer.MODEL_ID, prompt, tokens)
                + "\"ignore_eos\":true,\"stream\":true}";
    }

    private Answer answer(String body) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(target)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        List<Long> nanos = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: {")) {
                    nanos.add(System.nanoTime());
                }
            }
        }
        if (response.statusCode() != 200 || nanos.size() < tokens / 2) {
            throw new IOException(
                    "status %d with %d events".formatted(response.statusCode(), nanos.size()));
        }
        return new Answer(nanos.stream().mapToLong(Long::longValue).toArray(), tokens);
    }

    /** Whole answers between two times. */
    List<Answer> within(long fromNanos, long toNanos) throws IOException {
        Exception why = failure;
        if (why != null) {
            throw new IOException("a stream failed: " + why, why);
        }
        return answers.stream().filter(each -> each.isWithin(fromNanos, toNanos)).toList();
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
