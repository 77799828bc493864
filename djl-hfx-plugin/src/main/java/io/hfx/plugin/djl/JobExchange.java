package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.BytesSupplier;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.Caller;
import io.hfx.plugin.http.EventStream;
import io.hfx.plugin.http.HttpExchange;
import io.hfx.plugin.http.RequestIds;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A job of DJL Serving as an exchange: its answer is an output. The answer belongs to one thread of
 * the jobs'. That the client has gone is seen by the input's mark, which the server sets until the
 * answer's head is written, and looked at whenever a token comes.
 */
final class JobExchange implements HttpExchange {
    /** The property in which the server's handlers keep the id that they answer with. */
    private static final String SERVERS_ID = "requestId";

    private final Input input;
    private final String uri;
    private final HttpHeaders headers;
    private final EventExecutor thread;
    private final int streamBufferBytes;
    private final String requestId;
    private final long readAtNanos = System.nanoTime();
    private final Map<String, String> extra = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final CompletableFuture<Output> output = new CompletableFuture<>();

    private volatile Caller caller = Caller.ANYBODY;
    private boolean answered;
    private boolean done;
    private boolean gone;
    private @Nullable Runnable onDisconnect;

    JobExchange(
            Input input,
            String uri,
            HttpHeaders headers,
            EventExecutor thread,
            int streamBufferBytes) {
        this.input = input;
        this.uri = uri;
        this.headers = headers;
        this.thread = thread;
        this.streamBufferBytes = streamBufferBytes;
        String stated = headers.get("x-request-id");
        this.requestId = RequestIds.of(stated == null ? headers.get(SERVERS_ID) : stated);
    }

    /** The answer to come; never fails. */
    CompletableFuture<Output> output() {
        return output;
    }

    /** Before the request is handled: who sent it. */
    void admit(Caller whoever) {
        caller = whoever;
    }

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public String uri() {
        return uri;
    }

    @Override
    public HttpHeaders headers() {
        return headers;
    }

    @Override
    public byte[] takeBody() {
        BytesSupplier data = input.getData();
        return data == null ? new byte[0] : data.getAsBytes();
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public long readAtNanos() {
        return readAtNanos;
    }

    @Override
    public void run(Runnable task) {
        if (thread.inEventLoop()) {
            task.run();
        } else {
            thread.execute(
                    () -> {
                        if (input.isCancelled()) {
                            disconnected();
                        }
                        task.run();
                    });
        }
    }

    @Override
    public void header(String name, String value) {
        extra.put(name, value);
    }

    /** The server's own handlers decide. */
    @Override
    public void closeAfter() {}

    @Override
    public void onDisconnect(Runnable task) {
        if (gone) {
            task.run();
        } else if (!done) {
            onDisconnect = task;
        }
    }

    @Override
    public void json(int status, String json) {
        respond(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void respond(int status, String contentType, byte[] content) {
        run(
                () -> {
                    Output whole = head(status, contentType);
                    whole.add(content);
                    answer(whole);
                });
    }

    @Override
    public void noContent() {
        run(() -> answer(head(204, "application/json")));
    }

    /**
     * An output whose code is never a refusal's 503, which would count for the server's error rate;
     * marked so that it ends a workflow.
     */
    @Override
    public void fail(ApiError error) {
        run(
                () -> {
                    boolean refused = error.status() == 503;
                    Output failed = head(refused ? 429 : error.status(), "application/json");
                    error.headers()
                            .forEach(each -> failed.addProperty(each.getKey(), each.getValue()));
                    if (error.reason() == null) {
                        String code = error.code();
                        failed.addProperty(Refusals.REASON, code == null ? error.type() : code);
                    }
                    failed.add(error.json());
                    answer(failed);
                });
    }

    /** The message becomes the reason phrase of the status line, which takes no free text. */
    private Output head(int code, String contentType) {
        Output head = new Output(code, HttpResponseStatus.valueOf(code).reasonPhrase());
        extra.forEach(head::addProperty);
        head.addProperty("Content-Type", contentType);
        head.addProperty("x-request-id", requestId);
        return head;
    }

    private void answer(Output whole) {
        if (!answered && !done) {
            answered = true;
            finish();
            output.complete(whole);
        }
    }

    private void finish() {
        done = true;
        onDisconnect = null;
    }

    @Override
    public EventStream stream() {
        if (answered) {
            throw new IllegalStateException("request " + requestId + " is answered already");
        }
        answered = true;
        Output head = head(200, "text/event-stream; charset=utf-8");
        JobStream stream = new JobStream(streamBufferBytes);
        head.add(stream);
        output.complete(head);
        return new Events(stream);
    }

    private void disconnected() {
        if (done) {
            return;
        }
        done = true;
        gone = true;
        if (onDisconnect != null) {
            onDisconnect.run();
        }
        output.complete(new Output(499, "The client has gone"));
    }

    /** Server-sent events into the output's stream; one chunk for each flush. */
    private final class Events implements EventStream {
        private final JobStream stream;
        private final StringBuilder written = new StringBuilder();

        Events(JobStream stream) {
            this.stream = stream;
        }

        @Override
        public void event(String data) {
            if (!done) {
                written.append("data: ").append(data).append("\n\n");
            }
        }

        @Override
        public void flush() {
            if (!done && !written.isEmpty() && !stream.append(taken())) {
                disconnected();
            }
        }

        @Override
        public void end() {
            if (!done) {
                finish();
                stream.end(taken());
            }
        }

        private byte[] taken() {
            byte[] bytes = written.toString().getBytes(StandardCharsets.UTF_8);
            written.setLength(0);
            return bytes;
        }
    }
}
