package io.hfx.plugin.http;

import io.hfx.plugin.config.HttpLimits;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;

/**
 * Answers requests that another server has read, in that server's Netty pipeline: a codec, an
 * aggregator, then handlers. Of the limits those of bodies, of slow readers and of sending hold
 * here; connections and reading are the other server's affair. Thread-safe.
 */
public final class HostedHttp {
    private final HttpLimits limits;
    private final HttpFront front;
    private final BodyBudget budget;

    /**
     * @param front whose TLS does not matter here
     */
    public HostedHttp(HttpLimits limits, HttpFront front) {
        this.limits = limits;
        this.front = front;
        this.budget = new BodyBudget(limits.bufferedBytes());
    }

    /**
     * Takes a request over. On the connection's event loop; the request is the caller's to release,
     * and nothing of its buffer is kept.
     *
     * @param ctx of the handler that was given the request
     */
    public void handle(ChannelHandlerContext ctx, FullHttpRequest request) {
        HostedConnection connection = HostedConnection.of(ctx, limits, front.cuts(), budget);
        int bytes = request.content().readableBytes();
        try {
            HeadRules.check(request, limits.bodyBytes());
            Caller caller = admitted(request);
            if (!budget.take(bytes)) {
                front.cuts().cut(Cut.BODIES_FULL);
                throw ApiError.refused(503, "busy", "The server reads too many requests", 1)
                        .asException();
            }
            byte[] body = ByteBufUtil.getBytes(request.content());
            front.router().dispatch(connection.begin(request, body, caller));
        } catch (ApiException e) {
            HttpExchange refused = connection.begin(request, new byte[0], Caller.ANYBODY);
            refused.closeAfter();
            front.router().refuse(refused, e.error());
        }
    }

    private Caller admitted(FullHttpRequest request) {
        try {
            return front.gate().admit(request);
        } catch (ApiException e) {
            front.cuts().cut(Cut.DENIED);
            throw e;
        }
    }

    /** Bytes of request bodies that are held now. */
    public long bufferedBytes() {
        return budget.heldBytes();
    }
}
