package io.hfx.cli.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connections to one target, a new one for each request: a connection that is used again
 * can be closed by the server just then, which would be a failure of the client's making. Owned by
 * the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: failures reach the handlers
final class Connections {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    /** Five kilobytes a second: about twenty tokens. */
    private static final int SLOW_BYTES = 512;

    private static final long SLOW_PAUSE_NANOS = 100_000_000;
    private static final int SLOW_WINDOW_BYTES = 4_096;

    private final Target target;
    private final Bootstrap bootstrap;

    Connections(Target target, EventLoop loop) {
        this.target = target;
        SslContext ssl = target.isHttps() ? sslContext() : null;
        bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(NioSocketChannel.class)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .handler(initializer(ssl));
    }

    /** Opens a connection; {@link ChannelFuture#channel} is it once that is done. */
    ChannelFuture open() {
        return bootstrap.connect(target.base().getHost(), target.port());
    }

    /**
     * Opens a connection that reads {@link #SLOW_BYTES} each {@link #SLOW_PAUSE_NANOS}, and whose
     * receive buffer is small, so that the server feels it.
     */
    ChannelFuture openSlow() {
        return bootstrap
                .clone()
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_RCVBUF, SLOW_WINDOW_BYTES)
                .option(
                        ChannelOption.RCVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(SLOW_BYTES).maxMessagesPerRead(1))
                .connect(target.base().getHost(), target.port());
    }

    /** Reads on, bit by bit, until the connection closes. */
    void readSlowly(Channel channel) {
        if (channel.isOpen()) {
            channel.read();
            channel.eventLoop()
                    .schedule(() -> readSlowly(channel), SLOW_PAUSE_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private ChannelInitializer<SocketChannel> initializer(@Nullable SslContext ssl) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                if (ssl != null) {
                    channel.pipeline()
                            .addLast(
                                    ssl.newHandler(
                                            channel.alloc(),
                                            target.base().getHost(),
                                            target.port()));
                }
                channel.pipeline().addLast(new HttpClientCodec());
            }
        };
    }

    private static SslContext sslContext() {
        try {
            return SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS").build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be set up", e);
        }
    }
}
