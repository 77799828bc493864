package io.hfx.plugin.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A streamed answer in the format of server-sent events. Belongs to the connection's event loop. A
 * reader that leaves more than the allowed bytes unread is cut off: the connection closes, which
 * the exchange's {@code onDisconnect} hears.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
public final class EventStream {
    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SUFFIX = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Channel channel;
    private final int bufferBytes;
    private final Cut.Listener cuts;
    private final Consumer<ChannelFuture> finish;
    private boolean ended;

    EventStream(
            Channel channel, int bufferBytes, Cut.Listener cuts, Consumer<ChannelFuture> finish) {
        this.channel = channel;
        this.bufferBytes = bufferBytes;
        this.cuts = cuts;
        this.finish = finish;
    }

    /** Writes one event; {@link #flush} sends it. The data must hold no line break. */
    public void event(String data) {
        if (ended) {
            return;
        }
        ByteBuf event = channel.alloc().buffer(PREFIX.length + ByteBufUtil.utf8Bytes(data) + 2);
        event.writeBytes(PREFIX);
        ByteBufUtil.writeUtf8(event, data);
        event.writeBytes(SUFFIX);
        channel.write(new DefaultHttpContent(event), channel.voidPromise());
    }

    /** Sends what was written, and cuts a reader off that is too far behind. */
    public void flush() {
        channel.flush();
        long unread = WriteDeadline.unreadBytes(channel);
        if (unread > bufferBytes && !ended) {
            ended = true;
            LOG.info("connection cut: slow-reader, {} bytes unread", unread);
            cuts.cut(Cut.SLOW_READER);
            WriteDeadline.closeNow(channel);
        }
    }

    /** Completes the answer. */
    public void end() {
        if (!ended) {
            ended = true;
            finish.accept(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
        }
    }
}
