package io.hfx.plugin.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection whose peer has taken no byte for too long while bytes wait for it. Stands next
 * to the socket. Costs nothing while the peer keeps up: the timer runs only while bytes wait.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
final class WriteDeadline extends ChannelOutboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(WriteDeadline.class);
    private static final int CHECKS = 4;

    private final long limitNanos;
    private final Cut.Listener cuts;
    private @Nullable ScheduledFuture<?> timer;
    private long enteredBytes;
    private long seenBytes;
    private int idleChecks;

    WriteDeadline(long limitNanos, Cut.Listener cuts) {
        this.limitNanos = limitNanos;
        this.cuts = cuts;
    }

    /** Bytes that the socket has not taken, with Netty's own cost of each write; 0 once closed. */
    static long unreadBytes(Channel channel) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** Closes without the goodbyes of TLS, which would wait for the peer. On the event loop. */
    static void closeNow(Channel channel) {
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        long before = unreadBytes(ctx.channel());
        ctx.write(message, promise);
        enteredBytes += unreadBytes(ctx.channel()) - before;
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ctx.flush();
        if (timer == null && unreadBytes(ctx.channel()) > 0) {
            idleChecks = 0;
            seenBytes = takenBytes(ctx.channel());
            arm(ctx);
        }
    }

    private void arm(ChannelHandlerContext ctx) {
        timer =
                ctx.executor()
                        .schedule(() -> check(ctx), limitNanos / CHECKS, TimeUnit.NANOSECONDS);
    }

    private void check(ChannelHandlerContext ctx) {
        timer = null;
        long unread = unreadBytes(ctx.channel());
        if (unread == 0) {
            return;
        }
        long taken = takenBytes(ctx.channel());
        idleChecks = taken == seenBytes ? idleChecks + 1 : 0;
        seenBytes = taken;
        if (idleChecks == CHECKS) {
            LOG.info("connection cut: stalled-reader, {} bytes unread", unread);
            cuts.cut(Cut.STALLED_READER);
            closeNow(ctx.channel());
        } else {
            arm(ctx);
        }
    }

    private long takenBytes(Channel channel) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null
                ? enteredBytes
                : enteredBytes - buffer.totalPendingWriteBytes() + buffer.currentProgress();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
