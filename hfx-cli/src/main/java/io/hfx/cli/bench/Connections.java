package io.hfx.cli.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connections to one target, used again where they came back a moment ago. Owned by the
 * event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: failures reach the handlers
final class Connections {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    /** Shorter than any server's keep-alive, so that no request meets a closing connection. */
    private static final long REUSE_WITHIN_NANOS = 1_000_000_000L;

    private record Idle(Channel channel, long sinceNanos) {}

    private final Target target;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final Deque<Idle> idle = new ArrayDeque<>();

    Connections(Target target, EventLoop loop) {
        this.target = target;
        this.loop = loop;
        SslContext ssl = target.isHttps() ? sslContext() : null;
        bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(NioSocketChannel.class)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .handler(initializer(ssl));
    }

    /** An open connection, now or soon. */
    Future<Channel> take() {
        Promise<Channel> taken = loop.newPromise();
        for (Idle last = idle.pollLast(); last != null; last = idle.pollLast()) {
            boolean fresh = System.nanoTime() - last.sinceNanos() < REUSE_WITHIN_NANOS;
            if (fresh && last.channel().isActive()) {
                return taken.setSuccess(last.channel());
            }
            last.channel().close();
        }
        ChannelFuture connecting = bootstrap.connect(target.base().getHost(), target.port());
        connecting.addListener(
                done -> {
                    if (done.isSuccess()) {
                        taken.setSuccess(connecting.channel());
                    } else {
                        taken.setFailure(done.cause());
                    }
                });
        return taken;
    }

    void giveBack(Channel channel) {
        idle.addLast(new Idle(channel, System.nanoTime()));
    }

    void closeIdle() {
        idle.forEach(i -> i.channel().close());
        idle.clear();
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
