package io.hfx.plugin.djl;

import io.hfx.plugin.config.PluginConfig;
import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.http.Cors;
import io.hfx.plugin.testing.FakeModelService;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.weights.WeightStatus;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * A listener with the handlers that DJL Serving has in its pipeline, and behind the plugin's a
 * handler that answers with what reached it. Models {@code alpha} and {@code beta} are ours.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: waited for, or a failed write closes
final class ServersPort implements AutoCloseable {
    static final int MAX_REQUEST_BYTES = 8 * 1024 * 1024;

    final FakeModelService alpha = new FakeModelService("alpha");
    final FakeModelService beta = new FakeModelService("beta");
    final HfxModels models = new HfxModels();
    final OpenAiFront front;
    volatile String onlyModel;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final Channel listener;

    /** Starts with the given keys and values. */
    ServersPort(Map<String, String> settings) {
        this(
                settings,
                () -> {
                    throw new IOException("no TLS here");
                });
    }

    /**
     * @param tls of the listener that the settings may ask for
     */
    ServersPort(Map<String, String> settings, Callable<SslContext> tls) {
        models.add("alpha", alpha, new WeightStatus());
        models.add("beta", beta, new WeightStatus());
        front =
                OpenAiFront.open(
                        models,
                        new ServerWatch(models),
                        FrontSettings.of(
                                FrontSettingsTest.withDefaults(settings),
                                settings.get("hfx_address"),
                                null,
                                new Cors(Set.of("https://page.example")),
                                MAX_REQUEST_BYTES),
                        new ModelConfigs(new PluginConfig(SloClasses.NONE, 0.1, 0.8, Map.of())),
                        () -> Optional.ofNullable(onlyModel),
                        tls);
        listener =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(new HttpServerCodec())
                                                .addLast(
                                                        new HttpObjectAggregator(
                                                                MAX_REQUEST_BYTES, true))
                                                .addLast(new PluginHandler())
                                                .addLast(new StockHandler());
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .syncUninterruptibly()
                        .channel();
    }

    HttpSocket connect() throws IOException {
        return new HttpSocket(((InetSocketAddress) listener.localAddress()).getPort());
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        front.close();
        alpha.close();
        beta.close();
    }

    /** Asks the plugin as the server does. */
    private final class PluginHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        public boolean acceptInboundMessage(Object message) {
            return front.accepts(message);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            front.handle(ctx, request);
        }
    }

    /** Answers with the request as it came. */
    private static final class StockHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            String head = "stock " + request.method() + " " + request.uri() + "\n";
            ByteBuf content =
                    Unpooled.wrappedBuffer(
                            Unpooled.copiedBuffer(head, StandardCharsets.UTF_8),
                            request.content().copy());
            DefaultFullHttpResponse answer =
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, content);
            HttpUtil.setContentLength(answer, content.readableBytes());
            if (HttpUtil.isKeepAlive(request)) {
                ctx.writeAndFlush(answer);
            } else {
                ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
            }
        }
    }
}
