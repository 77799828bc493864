package io.hfx.plugin.http;

import io.hfx.plugin.config.HttpLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The HTTP/1.1 listener. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
public final class HttpServer implements AutoCloseable {
    static final Object DRAIN = "drain";
    private static final int LINE_BYTES = 8_192;
    private static final int CHUNK_BYTES = 65_536;

    private final HttpLimits limits;
    private final Router router;
    private final EventLoopGroup loops;
    private final ChannelGroup connections =
            new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Channel listener;
    private volatile boolean draining;

    private HttpServer(String host, int port, HttpLimits limits, Router router) throws IOException {
        this.limits = limits;
        this.router = router;
        this.loops = new NioEventLoopGroup(limits.threads(), new DefaultThreadFactory("hfx-http"));
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(initializer())
                        .bind(host, port)
                        .awaitUninterruptibly();
        this.listener = bound.channel();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new IOException("cannot listen on " + host + ":" + port, bound.cause());
        }
    }

    /**
     * Listens.
     *
     * @param port 0 takes a free one
     * @throws IOException if the address cannot be bound
     */
    public static HttpServer start(String host, int port, HttpLimits limits, Router router)
            throws IOException {
        return new HttpServer(host, port, limits, router);
    }

    private ChannelInitializer<SocketChannel> initializer() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                open(channel);
            }
        };
    }

    private void open(SocketChannel channel) {
        channel.pipeline().addLast(new ReadDeadline(limits));
        channel.pipeline()
                .addLast(new HttpServerCodec(LINE_BYTES, limits.headerBytes(), CHUNK_BYTES));
        if (connections.size() >= limits.connections()) {
            ErrorResponse.sendAndClose(
                    channel,
                    ApiError.refused(
                            503, "too-many-connections", "The server has too many clients", 1));
            return;
        }
        connections.add(channel);
        channel.pipeline().addLast(new BodyAggregator(limits.bodyBytes()));
        channel.pipeline()
                .addLast(
                        new ConnectionHandler(
                                this, limits, channel.pipeline().get(ReadDeadline.class)));
    }

    /** The port that is listened on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    Router router() {
        return router;
    }

    boolean draining() {
        return draining;
    }

    /** Open connections. */
    public int connections() {
        return connections.size();
    }

    /**
     * Begins to stop: connections without a request close, every answer from now on is its
     * connection's last. New connections are still answered.
     */
    public void drain() {
        draining = true;
        connections.forEach(
                channel ->
                        channel.eventLoop()
                                .execute(() -> channel.pipeline().fireUserEventTriggered(DRAIN)));
    }

    /** Closes the listener and every connection, whatever it is doing. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
