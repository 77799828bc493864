package io.hfx.plugin.http;

import io.hfx.plugin.config.HttpLimits;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long a connection may take to send a request, and how long it may be idle. Stands
 * before the codec, so that it sees the first byte. No bound holds while a request is answered.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
final class ReadDeadline extends ChannelInboundHandlerAdapter {
    private final HttpLimits limits;
    private final Cut.Listener cuts;
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable ChannelHandlerContext context;
    private boolean reading;
    private boolean answering;

    ReadDeadline(HttpLimits limits, Cut.Listener cuts) {
        this.limits = limits;
        this.cuts = cuts;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        expectRequest(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        begun();
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancel();
        ctx.fireChannelInactive();
    }

    /** A part of a request came, maybe together with the end of the one before. */
    void begun() {
        ChannelHandlerContext ctx = context;
        if (ctx != null && !reading && !answering) {
            reading = true;
            arm(ctx, limits.readNanos(), () -> tooSlow(ctx));
        }
    }

    /** A whole request was read. */
    void requestRead() {
        cancel();
        reading = false;
        answering = true;
    }

    /** Whether an answer is due or on its way. */
    boolean answering() {
        return answering;
    }

    /**
     * Its answer is complete.
     *
     * @param begun whether a part of the next request came meanwhile
     */
    void answered(boolean begun) {
        answering = false;
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            return;
        }
        reading = begun;
        if (begun) {
            arm(ctx, limits.readNanos(), () -> tooSlow(ctx));
        } else {
            expectRequest(ctx);
        }
    }

    private void expectRequest(ChannelHandlerContext ctx) {
        arm(ctx, limits.idleNanos(), () -> ctx.channel().close());
    }

    /** The reader behind drops what came, answers, and reads no more. */
    private void tooSlow(ChannelHandlerContext ctx) {
        cuts.cut(Cut.SLOW_REQUEST);
        double seconds = limits.readNanos() / 1e9;
        ctx.channel()
                .pipeline()
                .fireUserEventTriggered(
                        new TooSlow(
                                ApiError.invalid(
                                        408,
                                        null,
                                        "request_timeout",
                                        "The request was not complete "
                                                + seconds
                                                + " s after its first byte")));
    }

    /** A request did not come in time. */
    record TooSlow(ApiError error) {}

    private void arm(ChannelHandlerContext ctx, long nanos, Runnable task) {
        cancel();
        timer = ctx.executor().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private void cancel() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
