package io.hfx.plugin.http;

import io.hfx.plugin.config.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Makes whole requests of what the decoder reads on one connection. The head is judged before any
 * of the body is kept; after a refusal the rest of the input is dropped.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
final class RequestReader extends SimpleChannelInboundHandler<HttpObject> {
    private static final int FIRST_BYTES = 4_096;

    private final HttpLimits limits;
    private final HttpFront front;
    private final BodyBudget budget;
    private final ReadDeadline deadline;
    private @Nullable HttpRequest head;
    private Caller caller = Caller.ANYBODY;
    private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private boolean refused;

    RequestReader(HttpLimits limits, HttpFront front, BodyBudget budget, ReadDeadline deadline) {
        this.limits = limits;
        this.front = front;
        this.budget = budget;
        this.deadline = deadline;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) throws IOException {
        if (refused) {
            return;
        }
        if (message.decoderResult().isFailure()) {
            refuse(ctx, malformed(message));
            return;
        }
        if (message instanceof HttpRequest request) {
            begin(ctx, request);
        }
        if (message instanceof HttpContent content && !refused) {
            add(ctx, content);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        try {
            HeadRules.check(request, limits.bodyBytes());
            caller = front.gate().admit(request);
        } catch (ApiException e) {
            if (e.error().status() == 401 || e.error().status() == 403) {
                front.cuts().cut(Cut.DENIED);
            }
            refuse(ctx, e.error());
            return;
        }
        head = request;
        deadline.begun();
        body = new ByteArrayOutputStream(FIRST_BYTES);
        if (HttpUtil.is100ContinueExpected(request)) {
            invite(ctx);
        }
    }

    /** Nothing may be written into an answer that is on its way. */
    private void invite(ChannelHandlerContext ctx) {
        if (deadline.answering()) {
            refuse(
                    ctx,
                    ApiError.invalid(
                            417,
                            "expect",
                            "expectation_failed",
                            "A request sent ahead of an answer must not expect 100-continue"));
            return;
        }
        ctx.writeAndFlush(
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }

    private void add(ChannelHandlerContext ctx, HttpContent content) throws IOException {
        ByteBuf bytes = content.content();
        int count = bytes.readableBytes();
        if (body.size() > limits.bodyBytes() - count) {
            refuse(ctx, HeadRules.tooLarge(limits.bodyBytes()));
            return;
        }
        if (!budget.take(count)) {
            front.cuts().cut(Cut.BODIES_FULL);
            refuse(ctx, ApiError.refused(503, "busy", "The server reads too many requests", 1));
            return;
        }
        bytes.readBytes(body, count);
        if (content instanceof LastHttpContent && head != null) {
            Inbound whole = new Inbound.Whole(head, body.toByteArray(), caller, System.nanoTime());
            clear();
            ctx.fireChannelRead(whole);
        }
    }

    private void refuse(ChannelHandlerContext ctx, ApiError error) {
        refused = true;
        drop();
        ctx.fireChannelRead(new Inbound.Refused(error));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ReadDeadline.TooSlow slow)) {
            ctx.fireUserEventTriggered(event);
        } else if (!refused) {
            refuse(ctx, slow.error());
        }
    }

    /** Whether a part of a request has come. */
    boolean begun() {
        return head != null;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        refused = true;
        drop();
        ctx.fireChannelInactive();
    }

    private void drop() {
        budget.give(body.size());
        clear();
    }

    private void clear() {
        head = null;
        body = new ByteArrayOutputStream(0);
    }

    private ApiError malformed(HttpObject message) {
        Throwable cause = message.decoderResult().cause();
        if (cause instanceof TooLongHttpLineException && message instanceof HttpRequest) {
            return ApiError.invalid(
                    414,
                    null,
                    "uri_too_long",
                    "The request line must be at most " + StrictDecoder.LINE_BYTES + " bytes");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return ApiError.invalid(
                    431,
                    null,
                    "headers_too_large",
                    "The headers must be at most " + limits.headerBytes() + " bytes");
        }
        return ApiError.badRequest(null, "The request is not well-formed HTTP/1.1");
    }
}
