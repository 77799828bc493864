package io.hfx.plugin.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection so that its last answer arrives: a close with unread input makes the kernel
 * reset the connection, and the client may lose the answer. So our side ends first, and the rest of
 * the input is read and dropped for a short while.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
final class Lingering {
    private static final long LINGER_MILLIS = 1_000;

    private Lingering() {}

    static void closeAfter(ChannelFuture written) {
        written.addListener((ChannelFutureListener) future -> close(future.channel()));
    }

    private static void close(Channel channel) {
        if (!(channel instanceof DuplexChannel duplex) || !channel.isActive()) {
            channel.close();
            return;
        }
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            duplex.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(future -> duplex.shutdownOutput());
        }
        channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }
}
