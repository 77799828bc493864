package io.hfx.plugin.http;

import io.hfx.plugin.config.HttpLimits;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes exchanges of one connection's requests, one at a time: pipelined requests wait for the
 * answer before them, a few at most.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
final class ConnectionHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);
    private static final int PIPELINED = 8;

    private final HttpServer server;
    private final HttpLimits limits;
    private final ReadDeadline deadline;
    private final Deque<HttpExchange> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean answering;
    private boolean refused;

    ConnectionHandler(HttpServer server, HttpLimits limits, ReadDeadline deadline) {
        this.server = server;
        this.limits = limits;
        this.deadline = deadline;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        deadline.requestRead();
        if (refused) {
            return;
        }
        if (request.decoderResult().isFailure()) {
            refuse(ctx, malformed(request.decoderResult()));
            return;
        }
        HttpExchange exchange =
                new HttpExchange(
                        ctx.channel(),
                        request,
                        System.nanoTime(),
                        limits.streamBufferBytes(),
                        () -> next(ctx));
        if (!answering) {
            answer(exchange);
        } else if (waiting.size() < PIPELINED
                && waitingBytes + exchange.body().length <= limits.bodyBytes()) {
            waiting.add(exchange);
            waitingBytes += exchange.body().length;
        } else {
            refused = true;
            ctx.close();
        }
    }

    /**
     * A request that cannot be read. While an answer is on its way there is no room for another.
     */
    private void refuse(ChannelHandlerContext ctx, ApiError error) {
        refused = true;
        if (answering) {
            ctx.close();
        } else {
            ErrorResponse.sendAndClose(ctx.channel(), error);
        }
    }

    private void answer(HttpExchange exchange) {
        answering = true;
        if (server.draining()) {
            exchange.closeAfter();
        }
        server.router().dispatch(exchange);
    }

    private void next(ChannelHandlerContext ctx) {
        answering = false;
        HttpExchange exchange = waiting.poll();
        if (exchange != null) {
            waitingBytes -= exchange.body().length;
            answer(exchange);
        } else if (server.draining()) {
            ctx.close();
        } else {
            deadline.answered(ctx);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == HttpServer.DRAIN && !answering) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("connection ended: {}", cause.toString());
        } else {
            LOG.warn("connection failed", cause);
        }
        ctx.close();
    }

    private ApiError malformed(DecoderResult result) {
        if (result.cause() instanceof TooLongHttpLineException) {
            return ApiError.invalid(
                    414, null, "uri_too_long", "The request line must be at most 8192 bytes");
        }
        if (result.cause() instanceof TooLongHttpHeaderException) {
            return ApiError.invalid(
                    431,
                    null,
                    "headers_too_large",
                    "The headers must be at most " + limits.headerBytes() + " bytes");
        }
        return ApiError.badRequest(null, "The request is not well-formed HTTP/1.1");
    }
}
