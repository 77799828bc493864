package io.hfx.cli.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connections to one target, a new one for each request: a connection that is used again
 * can be closed by the server just then, which would be a failure of the client's making. Owned by
 * the event loop.
 */
final class Connections {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

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
