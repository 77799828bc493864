package io.hfx.plugin.http;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * One request and its one answer, whoever carries them. What was read may be used from any thread;
 * the answer belongs to one thread, which {@link #run} reaches: {@link #respond}, {@link #fail} and
 * {@link #run} hop to it, the rest must be called on it. A second answer is ignored.
 */
public interface HttpExchange {
    String method();

    /** Of the request line, undecoded. */
    String uri();

    HttpHeaders headers();

    /**
     * The body, handed over: a second call, or one after the end of the exchange, gets an empty
     * one. So a long answer does not hold the memory of its request.
     */
    byte[] takeBody();

    /** Who sent the request. */
    Caller caller();

    /** The client's {@code x-request-id} where it is short and plain, else one of our own. */
    String requestId();

    /** {@link System#nanoTime()} when the request's last byte was read. */
    long readAtNanos();

    /** Runs a task on the answer's thread: at once where this is it. Tasks keep their order. */
    void run(Runnable task);

    /** Adds a header to the answer to come. */
    void header(String name, String value);

    /** Ends the connection after this answer. */
    void closeAfter();

    /** Runs once when the client goes before the answer is complete; at once if it has gone. */
    void onDisconnect(Runnable task);

    /** Answers with a JSON body. */
    void json(int status, String json);

    /** Answers with a whole body. */
    void respond(int status, String contentType, byte[] content);

    /** Answers with 204 and nothing but headers. */
    void noContent();

    /** Answers with an error. */
    void fail(ApiError error);

    /**
     * Begins an answer of server-sent events.
     *
     * @throws IllegalStateException if the request is answered already
     */
    EventStream stream();
}
