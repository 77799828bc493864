package io.hfx.plugin.djl;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.serving.wlm.ModelInfo;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.translate.Translator;
import ai.djl.util.passthrough.PassthroughNDManager;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.live.WorkerHandle;
import io.hfx.plugin.server.CheckpointModels;
import io.hfx.plugin.server.OpenedModel;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.weights.WeightStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A token-level model as DJL sees it: {@link #load} reads the weights once, each predictor is one
 * worker on them. Thread-safe.
 */
final class HfxModel extends BaseModel {
    private static final Logger LOG = LoggerFactory.getLogger(HfxModel.class);

    /** What requests get that still run when the model is unregistered. */
    static final long CLOSE_GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    static final String UNREGISTERED = "unregistered";

    /** The server counts failures of a model in this property; above 0 the model has failed. */
    private static final String FAILED = "failed";

    private static final String ORT = "OnnxRuntime";

    private final HfxModels models;
    private final WorkerHandles workers = new WorkerHandles();
    private volatile @Nullable Loaded loaded;
    private boolean closed;

    private record Loaded(String name, OpenedModel model, long drainNanos) {}

    HfxModel(String name, HfxModels models) {
        super(name);
        this.models = models;
        this.manager = PassthroughNDManager.INSTANCE;
    }

    /** The model behind one of the server's, or null where it is not loaded. */
    static @Nullable HfxModel of(WorkerPoolConfig<?, ?> model) {
        if (model instanceof ModelInfo<?, ?> info) {
            for (ZooModel<?, ?> each : info.getModels().values()) {
                if (each.getWrappedModel() instanceof HfxModel found) {
                    return found;
                }
            }
        }
        return null;
    }

    @Override
    public void load(Path folder, @Nullable String prefix, @Nullable Map<String, ?> options)
            throws MalformedModelException {
        LoadingModel loading = LoadingModel.take();
        String name = loading == null ? modelName : loading.name();
        Map<String, String> given =
                HfxModelOptions.merge(
                        options == null ? Map.of() : options,
                        loading == null ? Map.of() : loading.properties());
        setModelDir(folder);
        wasLoaded = true;
        initServersRuntime();
        try {
            HfxModelOptions read = HfxModelOptions.read(name, checkpoint(folder, given), given);
            OpenedModel opened = CheckpointModels.open(read.settings(), 0, new WeightStatus());
            loaded = new Loaded(name, opened, read.drainNanos());
            opened.start();
            models.add(name, opened.service(), opened.weights());
        } catch (ConfigException e) {
            throw new MalformedModelException("model " + name + ": " + e.getMessage(), e);
        }
    }

    /** Where the server has ONNX Runtime, its own engine must set it up before we use it. */
    private static void initServersRuntime() {
        if (Engine.hasEngine(ORT)) {
            Engine.getEngine(ORT);
        }
    }

    /** The model's folder, or the one that the server has fetched for it. */
    private static Path checkpoint(Path folder, Map<String, String> given) {
        String fetched = given.get("model_id");
        if (fetched != null && Files.isDirectory(Path.of(fetched))) {
            return Path.of(fetched);
        }
        return folder;
    }

    /** One worker more, which starts in the background. */
    @Override
    public <I, O> Predictor<I, O> newPredictor(Translator<I, O> translator, Device device) {
        Loaded model = requireLoaded();
        WorkerHandle worker = model.model().service().addWorker();
        workers.add(worker);
        return new HfxPredictor<>(
                this, translator, device, () -> workers.drain(worker, model.drainNanos()));
    }

    /** Whether requests cannot even wait: no worker serves, and none is on its way. */
    boolean lacksWorkers() {
        Refusal why = service().unavailable();
        return why != null && why.reason().equals(LiveModelService.NO_WORKER);
    }

    LiveModelService service() {
        return requireLoaded().model().service();
    }

    /** Completes when all workers serve that are to, and the others are gone. */
    CompletableFuture<Void> settled() {
        return workers.settled();
    }

    private Loaded requireLoaded() {
        return Objects.requireNonNull(loaded, "the model is not loaded");
    }

    /** The server asks for this to know whether the model has failed. */
    @Override
    public @Nullable String getProperty(String key) {
        Loaded model = loaded;
        if (FAILED.equals(key) && model != null && model.model().service().hasFailed()) {
            return Integer.toString(Integer.MAX_VALUE);
        }
        return super.getProperty(key);
    }

    /**
     * Marks the end and returns: what waits is refused, what runs may end within a short time, and
     * then fails; KV and weights go after the last worker.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        Loaded model = loaded;
        if (model != null) {
            models.remove(model.name(), model.model().service());
            String message = "Model " + model.name() + " was unregistered";
            Refusal why = new Refusal(503, UNREGISTERED, message, 0);
            model.model().service().end(why);
            Thread closer = new Thread(() -> end(model, why), "hfx-close-" + model.name());
            closer.setDaemon(true);
            closer.start();
        }
        super.close();
    }

    /** The base class would complain of its manager, which all models share and nobody closes. */
    @Override
    @SuppressWarnings({"removal", "deprecation", "Finalize"})
    protected void finalize() {}

    private static void end(Loaded model, Refusal why) {
        try {
            model.model().close(why, CLOSE_GRACE_NANOS);
            LOG.info("model {} is gone", model.name());
        } catch (Exception e) {
            LOG.error("model {} could not be closed", model.name(), e);
        }
    }
}
