package io.hfx.plugin.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A streamed answer in the format of server-sent events. Belongs to the connection's event loop. A
 * reader that leaves more than the allowed bytes unread is cut off: the connection closes, which
 * the exchange's {@code onDisconnect} hears.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
public final class EventStream {
    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SUFFIX = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Channel channel;
    private final int bufferBytes;
    private final Consumer<ChannelFuture> finish;
    private long pendingBytes;
    private boolean ended;

    EventStream(Channel channel, int bufferBytes, Consumer<ChannelFuture> finish) {
        this.channel = channel;
        this.bufferBytes = bufferBytes;
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
        int bytes = event.readableBytes();
        pendingBytes += bytes;
        channel.write(new DefaultHttpContent(event))
                .addListener((ChannelFutureListener) future -> pendingBytes -= bytes);
    }

    /** Sends what was written, and cuts a reader off that is too far behind. */
    public void flush() {
        channel.flush();
        if (pendingBytes > bufferBytes && !ended) {
            ended = true;
            channel.close();
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
