package io.hfx.plugin.weights;

import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.WorkerKey;
import io.hfx.engine.executor.SelfTest;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.weights.ModelFingerprint;
import io.hfx.plugin.config.WeightSettings;
import io.hfx.scheduler.step.StepTime;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model with good weights, and the memory that they lie in. Close it after its workers. */
public final class LoadedWeights implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedWeights.class);

    private final Engine engine;
    private final TensorImage image;
    private final @Nullable SelfTest selfTest;
    private final WeightSettings settings;
    private final @Nullable WorkerKey key;
    private final WeightStatus status;
    private volatile @Nullable WeightSeed seed;
    private boolean closed;

    /**
     * @param engine of good weights, which this owns
     * @param image of the engine
     */
    LoadedWeights(
            Engine engine,
            TensorImage image,
            @Nullable SelfTest selfTest,
            WeightSettings settings,
            @Nullable WorkerKey key,
            WeightStatus status) {
        this.engine = engine;
        this.image = image;
        this.selfTest = selfTest;
        this.settings = settings;
        this.key = key;
        this.status = status;
    }

    public OrtModel model() {
        return engine.model();
    }

    /** An executor for one worker, which closes it; the first one is there already. Any thread. */
    public OrtExecutor executor() {
        return engine.executor();
    }

    /**
     * Gives the weights away from now on, where the settings say so; call it when they serve.
     *
     * @param running whether requests run; any thread
     */
    public synchronized void offer(BooleanSupplier running) {
        if (closed || seed != null || selfTest == null || key == null) {
            return;
        }
        settings.seedAddress()
                .ifPresent(
                        address -> {
                            try {
                                WeightSeed opened =
                                        WeightSeed.open(
                                                address,
                                                settings,
                                                key,
                                                image,
                                                image.memory() instanceof HostImageMemory memory
                                                        ? memory
                                                        : null,
                                                fingerprint(),
                                                selfTest,
                                                running);
                                seed = opened;
                                status.seeds(opened::figures);
                            } catch (TransferException | IllegalArgumentException e) {
                                LOG.error("weights: not given away: {}", e.getMessage());
                            }
                        });
    }

    /** A step of a worker on these weights ended; on that worker's thread. */
    public void stepped(StepTime step) {
        WeightSeed giving = seed;
        if (giving != null) {
            giving.stepped(step);
        }
    }

    private ModelFingerprint fingerprint() {
        return ModelFingerprint.of(
                model().config(),
                ImageWeights.of(model().config(), new WholeImage(image)).tensors());
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        status.gone();
        if (seed != null) {
            seed.close();
        }
        engine.close();
    }
}
