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
 * Events on a connection, whose event loop owns it. A reader that leaves more than the allowed
 * bytes unread is cut off: the connection closes.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
final class NettyEventStream implements EventStream {
    private static final Logger LOG = LoggerFactory.getLogger(NettyEventStream.class);
    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SUFFIX = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Channel channel;
    private final int bufferBytes;
    private final Cut.Listener cuts;
    private final Consumer<ChannelFuture> finish;
    private boolean ended;

    NettyEventStream(
            Channel channel, int bufferBytes, Cut.Listener cuts, Consumer<ChannelFuture> finish) {
        this.channel = channel;
        this.bufferBytes = bufferBytes;
        this.cuts = cuts;
        this.finish = finish;
    }

    @Override
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

    @Override
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

    @Override
    public void end() {
        if (!ended) {
            ended = true;
            finish.accept(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
        }
    }
}
