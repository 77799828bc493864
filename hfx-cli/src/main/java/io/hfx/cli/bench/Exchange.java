package io.hfx.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One request on the wire: what came back so far, and what that makes of it. */
final class Exchange {
    private static final int MAX_ERROR_CHARS = 4096;
    private static final int MAX_REASON_CHARS = 120;

    private final PlannedRequest planned;
    private long sentNanos = -1;
    private final TokenClock clock = new TokenClock();
    private final SseParser events = new SseParser(this::onEvent);
    private final StringBuilder errorBody = new StringBuilder();
    private int status;
    private String reasonHeader = "";
    private String streamError = "";
    private boolean done;
    private int promptTokens = -1;
    private long nowNanos;

    Exchange(PlannedRequest planned) {
        this.planned = planned;
    }

    /** The connection is open and the request on its way. */
    void sent(long atNanos) {
        sentNanos = atNanos;
    }

    void onHead(HttpResponse head) {
        status = head.status().code();
        reasonHeader = Optional.ofNullable(head.headers().get("x-hfx-reason")).orElse("");
    }

    /** Takes a piece of the body. */
    void onBody(ByteBuf bytes, long atNanos) {
        nowNanos = atNanos;
        if (status == 200) {
            events.feed(bytes);
        } else if (errorBody.length() < MAX_ERROR_CHARS) {
            errorBody.append(bytes.toString(StandardCharsets.UTF_8));
        }
    }

    private void onEvent(String data) {
        if (data.equals("[DONE]")) {
            done = true;
            return;
        }
        StreamChunk chunk = StreamChunk.parse(data);
        promptTokens = Math.max(promptTokens, chunk.promptTokens());
        if (chunk.error().isEmpty()) {
            clock.chunk(chunk, nowNanos);
        } else if (streamError.isEmpty()) {
            streamError = chunk.error();
        }
    }

    /** The response is whole. */
    RequestRecord ended() {
        if (status == 429 || status == 503) {
            return record(
                    Outcome.REFUSED, reasonHeader.isEmpty() ? "http-" + status : reasonHeader);
        }
        if (status != 200) {
            return record(Outcome.FAILED, shortened("http-" + status + " " + errorBody));
        }
        if (!streamError.isEmpty()) {
            return record(Outcome.FAILED, shortened("stream error: " + streamError));
        }
        if (!done) {
            return record(Outcome.FAILED, "stream ended without [DONE]");
        }
        return clock.tokenNanos().length == 0
                ? record(Outcome.FAILED, "no tokens")
                : record(Outcome.COMPLETED, "");
    }

    RequestRecord broken(String why) {
        boolean cut = planned.manner().kind() == Manner.Kind.SLOW && clock.chunks() > 0;
        return record(cut ? Outcome.CUT : Outcome.FAILED, shortened(why));
    }

    /** The client leaves. */
    RequestRecord aborted() {
        return record(
                Outcome.ABORTED,
                clock.chunks() == 0 ? "left before a token" : "left in mid-stream");
    }

    /** Whether its client leaves now that this much has come. */
    boolean isEnough() {
        int tokens = planned.manner().leaveTokens();
        return tokens > 0 && clock.chunks() >= tokens;
    }

    RequestRecord unfinished() {
        return record(Outcome.UNFINISHED, clock.chunks() == 0 ? "no token yet" : "streaming");
    }

    /** Tokens seen so far, about. */
    int chunks() {
        return clock.chunks();
    }

    private RequestRecord record(Outcome outcome, String reason) {
        return new RequestRecord(
                planned,
                outcome,
                reason,
                sentNanos,
                clock.tokenNanos(),
                promptTokens,
                clock.inferred());
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS);
    }
}
