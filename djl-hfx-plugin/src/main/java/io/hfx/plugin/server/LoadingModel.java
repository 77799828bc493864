package io.hfx.plugin.server;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.service.ServiceStatus;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that loads on a thread of its own while the server listens already. If it cannot be
 * loaded, it stays that way and says why. Thread-safe.
 */
final class LoadingModel implements ModelService {
    private static final Logger LOG = LoggerFactory.getLogger(LoadingModel.class);
    private static final long LOADING_RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long FAILED_RETRY_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long CLOSE_WAIT_SECONDS = 5;

    private final ServerConfig config;
    private final ModelServiceFactory models;
    private final CountDownLatch tried = new CountDownLatch(1);
    private volatile @Nullable ModelService loaded;
    private volatile @Nullable Refusal unavailable;
    private @Nullable Thread loader;
    private boolean closed;

    LoadingModel(ServerConfig config, ModelServiceFactory models) {
        this.config = config;
        this.models = models;
        this.unavailable =
                new Refusal(
                        503,
                        "model-loading",
                        "The model " + config.modelId() + " is being loaded",
                        LOADING_RETRY_NANOS);
    }

    /**
     * Begins to load.
     *
     * @param warmUp runs when the model can be asked, before clients may
     */
    synchronized void load(Runnable warmUp) {
        Thread thread = new Thread(() -> run(warmUp), "hfx-load");
        thread.setDaemon(true);
        thread.start();
        loader = thread;
    }

    /** Blocks until it is loaded or could not be; returns whether it is served. */
    boolean awaitLoaded() throws InterruptedException {
        tried.await();
        return unavailable() == null;
    }

    @Override
    public @Nullable Refusal unavailable() {
        Refusal now = unavailable;
        return now != null ? now : service().unavailable();
    }

    @Override
    public ServedModel model() {
        return service().model();
    }

    @Override
    public void submit(GenerationRequest request, GenerationListener listener) {
        service().submit(request, listener);
    }

    @Override
    public void cancel(long requestId) {
        service().cancel(requestId);
    }

    @Override
    public void stop(long requestId, int sequence) {
        service().stop(requestId, sequence);
    }

    @Override
    public ServiceStatus status() {
        ModelService service = loaded;
        return service == null ? ServiceStatus.idle(config.policy()) : service.status();
    }

    /** Closes what was loaded, or tells the loader to stop. A second call has no effect. */
    @Override
    public void close() {
        Thread thread;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            thread = loader;
        }
        if (thread != null && tried.getCount() > 0) {
            thread.interrupt();
            try {
                thread.join(TimeUnit.SECONDS.toMillis(CLOSE_WAIT_SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        ModelService service = loaded;
        if (service != null) {
            service.close();
        }
    }

    private ModelService service() {
        ModelService service = loaded;
        if (service == null) {
            throw new IllegalStateException("the model is not loaded");
        }
        return service;
    }

    private void run(Runnable warmUp) {
        try {
            ModelService service = models.start(config);
            if (enter(service)) {
                warmUp.run();
                unavailable = null;
            } else {
                service.close();
            }
        } catch (ConfigException | IOException e) {
            LOG.error("the model cannot be served: {}", e.getMessage());
            failed(String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            LOG.error("the model cannot be served: memory ran out ({})", e.getMessage());
            failed("memory ran out while it was loaded");
        } catch (RuntimeException | Error e) {
            LOG.error("the model cannot be served", e);
            failed("an internal error, see the server's log");
        } finally {
            tried.countDown();
        }
    }

    /** Returns whether there is still a server for it. */
    private synchronized boolean enter(ModelService service) {
        if (!closed) {
            loaded = service;
        }
        return !closed;
    }

    /** Clients are told why, but not where the checkpoint lies. */
    private void failed(String why) {
        String folder = config.modelDir().toString();
        String told = why.replace(folder + "/", "").replace(folder, config.modelId());
        unavailable =
                new Refusal(
                        503,
                        "model-failed",
                        "The model " + config.modelId() + " could not be loaded: " + told,
                        FAILED_RETRY_NANOS);
    }
}
