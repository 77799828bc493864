package io.hfx.plugin.djl;

import io.hfx.plugin.auth.Entrance;
import io.hfx.plugin.http.Caller;
import io.hfx.plugin.http.Gate;
import io.hfx.plugin.http.HostedHttp;
import io.hfx.plugin.http.HttpFront;
import io.hfx.plugin.http.HttpServer;
import io.hfx.plugin.http.Router;
import io.hfx.plugin.metrics.ServerMetrics;
import io.hfx.plugin.openai.OpenAiApi;
import io.hfx.plugin.service.ModelDirectory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OpenAI API of the token-level models inside DJL Serving: on the server's own port beside its
 * handlers, as jobs that those handlers run, and on a listener of our own where one is configured
 * or the server keeps plugins off its inference port. Thread-safe.
 */
final class OpenAiFront implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenAiFront.class);

    /** What no model is known of counts under the empty name. */
    private static final String NO_MODEL = "";

    private static final String LOOPBACK = "127.0.0.1";

    private final OpenAiApi api;
    private final Gate gate;
    private final HfxRoutes routes;
    private final HostedHttp hosted;
    private final GenerationJobs jobs;
    private final @Nullable HttpServer listener;
    private final ScheduledExecutorService files =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("hfx-files", true));

    private OpenAiFront(
            ModelDirectory models,
            ServerWatch watch,
            FrontSettings settings,
            ModelConfigs configs,
            Entrance entrance,
            StockNaming naming,
            @Nullable SslContext tls) {
        this.api =
                new OpenAiApi(
                        models,
                        NO_MODEL,
                        settings.requests(),
                        configs::resolver,
                        watch.meters(),
                        watch.tokenTraces());
        watch.meters().beforeScrape(api::showAll);
        this.routes = new HfxRoutes(models, naming);
        Router router = new Router(settings.cors());
        routes.addTo(router, api);
        this.gate = entrance.asksForKeys() ? entrance.gate() : head -> Caller.ANYBODY;
        this.hosted =
                new HostedHttp(
                        settings.http(),
                        new HttpFront(router, gate, null, api.metrics()::connectionCut));
        this.jobs =
                new GenerationJobs(
                        api, gate, settings.http().streamBufferBytes(), settings.http().threads());
        this.listener = listen(settings, router, entrance.gate(), tls, api.metrics());
        var unused = files.scheduleWithFixedDelay(entrance::refresh, 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Reads keys, and listens where the settings say so.
     *
     * @param models that may come and go
     * @param watch counts and takes down what is done
     * @param configs what each model was told
     * @param onlyModel the model that was loaded at the server's start, where it was one
     * @param tls the server's, asked where the listener needs it
     * @throws io.hfx.plugin.config.ConfigException if the keys cannot be used, or a listener would
     *     be open to anybody
     * @throws IllegalStateException if there is no TLS context for the listener
     */
    static OpenAiFront open(
            ModelDirectory models,
            ServerWatch watch,
            FrontSettings settings,
            ModelConfigs configs,
            Supplier<Optional<String>> onlyModel,
            Callable<SslContext> tls) {
        FrontSettings.Address address = settings.address();
        String host = address == null ? LOOPBACK : address.host();
        Entrance entrance =
                new Entrance(settings.access(), "hfx_address", host, configs.serverClasses());
        SslContext context = null;
        if (address != null && address.tls()) {
            try {
                context = tls.call();
            } catch (Exception e) {
                throw new IllegalStateException("hfx_address: no TLS context: " + e, e);
            }
        }
        return new OpenAiFront(
                models, watch, settings, configs, entrance, new StockNaming(onlyModel), context);
    }

    /** An address that is taken is no reason to leave the server without its scheduler. */
    private static @Nullable HttpServer listen(
            FrontSettings settings,
            Router router,
            Gate gate,
            @Nullable SslContext tls,
            ServerMetrics metrics) {
        FrontSettings.Address address = settings.address();
        if (address == null) {
            return null;
        }
        try {
            HttpFront front =
                    new HttpFront(
                            router, gate, tls == null ? null : () -> tls, metrics::connectionCut);
            HttpServer server =
                    HttpServer.start(address.host(), address.port(), settings.http(), front);
            LOG.info(
                    "the OpenAI API is served on {}{}",
                    address.url(server.port()),
                    settings.splitFrom() == null
                            ? ""
                            : ", because plugins cannot answer on " + settings.splitFrom());
            return server;
        } catch (IOException e) {
            LOG.error(
                    "the OpenAI API is not served on {}: {} (key hfx_address)",
                    address.url(address.port()),
                    e.getMessage());
            return null;
        }
    }

    /** Who may come in on the server's own ports. */
    Gate gate() {
        return gate;
    }

    /** Whether a request may be ours: by method and path, and what models there are. Cheap. */
    boolean accepts(Object message) {
        return message instanceof FullHttpRequest request
                && routes.claims(request.method().name(), request.uri());
    }

    /**
     * Answers a request that was {@linkplain #accepts accepted}, or hands it on to the server as it
     * came. On the connection's event loop.
     */
    void handle(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (routes.isOurs(request)) {
            hosted.handle(ctx, request);
        } else {
            ctx.fireChannelRead(request.retain());
        }
    }

    /** Runs jobs for token-level models. */
    TokenLevelJobs jobs() {
        return jobs;
    }

    OpenAiApi api() {
        return api;
    }

    /** The port of our own listener; 0 where there is none. */
    int port() {
        return listener == null ? 0 : listener.port();
    }

    /** Bytes of bodies from the server's port that are held now. */
    long bufferedBytes() {
        return hosted.bufferedBytes();
    }

    @Override
    public void close() {
        files.shutdownNow();
        if (listener != null) {
            listener.close();
        }
        jobs.close();
        api.close();
    }
}
