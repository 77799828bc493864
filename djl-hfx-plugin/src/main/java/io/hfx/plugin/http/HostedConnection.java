package io.hfx.plugin.http;

import io.hfx.plugin.config.HttpLimits;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of another server on which we have answered. While an answer of ours is on its
 * way, requests that were sent ahead wait before the server's handlers, a few at most, so that no
 * other answer gets into the middle; and a reader who takes nothing is cut off. Between our answers
 * everything passes. Belongs to the connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
final class HostedConnection extends ChannelInboundHandlerAdapter implements NettyExchange.Host {
    private static final Logger LOG = LoggerFactory.getLogger(HostedConnection.class);
    private static final int HELD = 8;

    private final Channel channel;
    private final HttpLimits limits;
    private final Cut.Listener cuts;
    private final BodyBudget budget;
    private final Deque<Object> held = new ArrayDeque<>();
    private long heldBytes;
    private boolean answering;
    private boolean cut;
    private @Nullable ChannelHandlerContext context;
    private @Nullable WriteDeadline deadline;

    private HostedConnection(
            Channel channel, HttpLimits limits, Cut.Listener cuts, BodyBudget budget) {
        this.channel = channel;
        this.limits = limits;
        this.cuts = cuts;
        this.budget = budget;
    }

    /** The one of a connection; made before the handler of this context where there is none. */
    static HostedConnection of(
            ChannelHandlerContext ctx, HttpLimits limits, Cut.Listener cuts, BodyBudget budget) {
        ChannelPipeline pipeline = ctx.pipeline();
        HostedConnection connection = pipeline.get(HostedConnection.class);
        if (connection == null) {
            connection = new HostedConnection(ctx.channel(), limits, cuts, budget);
            pipeline.addBefore(ctx.name(), null, connection);
        }
        return connection;
    }

    /**
     * Begins an answer.
     *
     * @param body whose bytes are taken from the budget
     */
    HttpExchange begin(HttpRequest head, byte[] body, Caller caller) {
        answering = true;
        deadline = new WriteDeadline(limits.writeNanos(), cuts);
        channel.pipeline().addFirst(deadline);
        return new NettyExchange(channel, head, body, caller, System.nanoTime(), this);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!answering) {
            ctx.fireChannelRead(message);
            return;
        }
        int bytes = message instanceof ByteBufHolder holder ? holder.content().readableBytes() : 0;
        if (cut || held.size() == HELD || heldBytes + bytes > limits.bodyBytes()) {
            ReferenceCountUtil.release(message);
            if (!cut) {
                cut = true;
                cuts.cut(Cut.PIPELINE_FULL);
                channel.close();
            }
            return;
        }
        held.add(message);
        heldBytes += bytes;
    }

    @Override
    public void answered() {
        answering = false;
        if (deadline != null) {
            channel.pipeline().remove(deadline);
            deadline = null;
        }
        while (!answering && !held.isEmpty() && context != null) {
            Object next = held.remove();
            heldBytes -=
                    next instanceof ByteBufHolder holder ? holder.content().readableBytes() : 0;
            context.fireChannelRead(next);
        }
    }

    /** What the end of a connection does to our writes is not for the server's handlers. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (answering && cause instanceof IOException) {
            LOG.debug("connection ended: {}", cause.toString());
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }

    @Override
    public int streamBufferBytes() {
        return limits.streamBufferBytes();
    }

    @Override
    public void cut(Cut why) {
        cuts.cut(why);
    }

    @Override
    public void bodyReleased(int bytes) {
        budget.give(bytes);
    }
}
