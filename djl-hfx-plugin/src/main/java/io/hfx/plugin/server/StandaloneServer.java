package io.hfx.plugin.server;

import io.hfx.plugin.auth.Entrance;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.http.Cors;
import io.hfx.plugin.http.HttpFront;
import io.hfx.plugin.http.HttpServer;
import io.hfx.plugin.http.Router;
import io.hfx.plugin.openai.ModelNaming;
import io.hfx.plugin.openai.OpenAiApi;
import io.hfx.plugin.weights.WeightStatus;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One model behind one listener. It listens while the model loads, and goes on if that fails, so
 * that whoever asks is told. Owns the service, which ends with it. Thread-safe.
 */
public final class StandaloneServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StandaloneServer.class);
    private static final long GOODBYE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long POLL_MILLIS = 10;

    private final ServerConfig config;
    private final LoadingModel service;
    private final OpenAiApi api;
    private final HttpServer http;
    private final ScheduledExecutorService files =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("hfx-files", true));
    private boolean closed;

    private StandaloneServer(
            ServerConfig config,
            Entrance entrance,
            LoadingModel service,
            @Nullable WeightStatus weights)
            throws IOException {
        this.config = config;
        this.service = service;
        this.api =
                new OpenAiApi(
                        new OneModel(config.modelId(), service),
                        config.modelId(),
                        config.requests(),
                        config.sloClasses());
        Router router = new Router(new Cors(config.corsOrigins()));
        api.addRoutes(router, ModelNaming.BODY);
        new StatusRoutes(config.modelId(), service, weights, api).addRoutes(router);
        HttpFront front =
                new HttpFront(
                        router, entrance.gate(), entrance.tls(), api.metrics()::connectionCut);
        try {
            this.http = HttpServer.start(config.host(), config.port(), config.http(), front);
        } catch (IOException e) {
            files.shutdownNow();
            api.close();
            throw e;
        }
        api.metrics().listener(http::connections, http::bufferedBytes, http::unreadBytes);
        var unused = files.scheduleWithFixedDelay(entrance::refresh, 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Reads keys and certificate, listens, and begins to load the model.
     *
     * @throws ConfigException if the configuration is wrong by itself, or would let anybody in
     * @throws IOException if a file cannot be read or the address cannot be bound
     */
    public static StandaloneServer start(ServerConfig config, ModelServiceFactory models)
            throws IOException {
        models.check(config);
        Entrance entrance =
                new Entrance(config.access(), "hfx_host", config.host(), config.sloClasses());
        LoadingModel model = new LoadingModel(config, models);
        StandaloneServer server = new StandaloneServer(config, entrance, model, models.weights());
        model.load(() -> server.api.warmUp(model.model()));
        return server;
    }

    /** Blocks until the model is loaded or could not be; returns whether it is served. */
    public boolean awaitLoaded() throws InterruptedException {
        return service.awaitLoaded();
    }

    /** The port that is listened on. */
    public int port() {
        return http.port();
    }

    /** Where clients reach it. */
    public String url() {
        String host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
        String scheme = config.access().tls() == null ? "http://" : "https://";
        return scheme + host + ":" + port();
    }

    /**
     * Stops in order: readiness fails and new requests get 503, requests in flight go on until they
     * are done or the configured bound is over, then everything closes. Blocks.
     *
     * @return whether every request in flight was done
     */
    public synchronized boolean drain() {
        if (closed) {
            return true;
        }
        LOG.info("draining, {} requests in flight", api.inFlight());
        api.drain();
        http.drain();
        boolean done = await(() -> api.inFlight() == 0, config.drainNanos());
        await(() -> http.connections() == 0, done ? GOODBYE_NANOS : 0);
        LOG.info("drained, {} requests cut off", api.inFlight());
        close();
        return done;
    }

    private static boolean await(BooleanSupplier condition, long boundNanos) {
        long startNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNanos > boundNanos) {
                return false;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** Stops at once. A second call has no effect. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            files.shutdownNow();
            http.close();
            service.close();
            api.close();
        }
    }
}
