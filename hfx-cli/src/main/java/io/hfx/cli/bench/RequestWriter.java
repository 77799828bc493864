package io.hfx.cli.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.SplittableRandom;

/** Makes the HTTP request of a planned one: a stream with usage, ended by its length only. */
final class RequestWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private final Target target;
    private final Prompt prompt;
    private final long seed;

    /**
     * @param seed with the index of a request it fixes its prompt
     */
    RequestWriter(Target target, Prompt prompt, long seed) {
        this.target = target;
        this.prompt = prompt;
        this.seed = seed;
    }

    FullHttpRequest write(PlannedRequest planned) {
        FullHttpRequest request =
                new DefaultFullHttpRequest(
                        HttpVersion.HTTP_1_1,
                        HttpMethod.POST,
                        target.call().getRawPath(),
                        body(planned));
        HttpHeaders headers = request.headers();
        headers.set(HttpHeaderNames.HOST, target.base().getRawAuthority());
        headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        headers.set(HttpHeaderNames.ACCEPT, "text/event-stream");
        headers.set(HttpHeaderNames.CONTENT_LENGTH, request.content().readableBytes());
        target.apiKey().ifPresent(key -> headers.set("authorization", "Bearer " + key));
        if (target.sendSlo()) {
            state(planned.sloClass(), headers);
        }
        return request;
    }

    private static void state(SloClass sloClass, HttpHeaders headers) {
        Slo slo = sloClass.slo();
        headers.set("x-slo-class", sloClass.name());
        setMillis(headers, "x-slo-ttft-ms", slo.ttftNanos());
        setMillis(headers, "x-slo-tpot-ms", slo.tpotNanos());
        setMillis(headers, "x-slo-e2e-ms", slo.e2eNanos());
    }

    private static void setMillis(HttpHeaders headers, String name, long nanos) {
        if (nanos != Slo.NONE) {
            headers.set(name, BigDecimal.valueOf(nanos, 6).stripTrailingZeros().toPlainString());
        }
    }

    private ByteBuf body(PlannedRequest planned) {
        ByteBuf buffer = Unpooled.buffer(256 + 6 * planned.arrival().promptTokens());
        try (JsonGenerator json =
                JSON.createGenerator((OutputStream) new ByteBufOutputStream(buffer))) {
            json.writeStartObject();
            json.writeStringField("model", target.model());
            prompt.write(
                    json,
                    planned.arrival().promptTokens(),
                    new SplittableRandom(seed + 0x9E3779B97F4A7C15L * planned.index()));
            json.writeNumberField("max_tokens", planned.arrival().outputTokens());
            json.writeBooleanField("ignore_eos", true);
            json.writeNumberField("temperature", 0);
            json.writeBooleanField("stream", true);
            json.writeObjectFieldStart("stream_options");
            json.writeBooleanField("include_usage", true);
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return buffer;
    }
}
