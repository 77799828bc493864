package io.hfx.plugin.http;

import io.hfx.plugin.config.HttpLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The HTTP/1.1 listener. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
public final class HttpServer implements AutoCloseable {
    static final Object DRAIN = "drain";

    /** The kernel's part of what a slow reader may leave; it would grow to some megabytes. */
    private static final int SEND_BYTES = 256 * 1024;

    private static final int TURNED_AWAY = 256;
    private static final long TLS_GOODBYE_MILLIS = 500;

    private final HttpLimits limits;
    private final HttpFront front;
    private final BodyBudget budget;
    private final EventLoopGroup loops;
    private final ChannelGroup connections =
            new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Channel listener;
    private final AtomicInteger turnedAway = new AtomicInteger();
    private volatile boolean draining;

    private HttpServer(String host, int port, HttpLimits limits, HttpFront front)
            throws IOException {
        this.limits = limits;
        this.front = front;
        this.budget = new BodyBudget(limits.bufferedBytes());
        this.loops = new NioEventLoopGroup(limits.threads(), new DefaultThreadFactory("hfx-http"));
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.SO_SNDBUF, SEND_BYTES)
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
    public static HttpServer start(String host, int port, HttpLimits limits, HttpFront front)
            throws IOException {
        return new HttpServer(host, port, limits, front);
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
        if (connections.size() >= limits.connections()) {
            turnAway(channel);
            return;
        }
        connections.add(channel);
        ReadDeadline deadline = new ReadDeadline(limits, front.cuts());
        RequestReader reader = new RequestReader(limits, front, budget, deadline);
        channel.pipeline().addLast(new WriteDeadline(limits.writeNanos(), front.cuts()));
        if (front.tls() != null) {
            channel.pipeline().addLast(tls(front.tls().get(), channel));
        }
        channel.pipeline()
                .addLast(deadline)
                .addLast(new HttpResponseEncoder())
                .addLast(new StrictDecoder(limits.headerBytes()))
                .addLast(reader)
                .addLast(new ConnectionHandler(this, limits, deadline, reader));
    }

    private SslHandler tls(SslContext context, SocketChannel channel) {
        SslHandler handler = context.newHandler(channel.alloc());
        handler.setHandshakeTimeout(limits.readNanos(), TimeUnit.NANOSECONDS);
        handler.setCloseNotifyFlushTimeoutMillis(TLS_GOODBYE_MILLIS);
        return handler;
    }

    /** One connection too many gets a word of explanation, where that is cheap. */
    private void turnAway(SocketChannel channel) {
        if (front.tls() != null || turnedAway.get() >= TURNED_AWAY) {
            channel.close();
            return;
        }
        turnedAway.incrementAndGet();
        channel.closeFuture().addListener(future -> turnedAway.decrementAndGet());
        channel.pipeline().addLast(new WriteDeadline(limits.writeNanos(), front.cuts()));
        channel.pipeline().addLast(new HttpResponseEncoder()).addLast(new Discarding());
        ErrorResponse.sendAndClose(
                channel,
                ApiError.refused(
                        503, "too-many-connections", "The server has too many clients", 1));
    }

    /** What reaches the end of a pipeline is written to the debug log otherwise. */
    private static final class Discarding extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** The port that is listened on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    HttpFront front() {
        return front;
    }

    BodyBudget budget() {
        return budget;
    }

    void cut(Cut why) {
        front.cuts().cut(why);
    }

    boolean draining() {
        return draining;
    }

    /** Bytes of request bodies that are held now. */
    public long bufferedBytes() {
        return budget.heldBytes();
    }

    /** Bytes of answers that clients have not taken yet, over all connections. */
    public long unreadBytes() {
        return connections.stream().mapToLong(WriteDeadline::unreadBytes).sum();
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
