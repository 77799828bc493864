package io.hfx.plugin.weights;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A model over an image, and the executor of its first worker: made while the image still comes,
 * since the memory of its KV takes its time. Owns all three.
 */
final class Engine implements AutoCloseable {
    private final IncomingImage image;
    private final OrtOptions options;
    private final OrtModel model;
    private final AtomicReference<@Nullable OrtExecutor> first = new AtomicReference<>();

    /**
     * Makes the sessions and that executor; no weight is read. Closes the image if it fails.
     *
     * @param threads of one run, 1 to 256
     * @param options of each worker's executor
     */
    Engine(ModelConfig config, IncomingImage image, int threads, OrtOptions options) {
        this.image = image;
        this.options = options;
        try {
            model = OrtModel.of(ImageWeights.of(config, image), threads);
        } catch (RuntimeException | Error e) {
            image.close();
            throw e;
        }
        try {
            first.set(new OrtExecutor(model, options));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    OrtModel model() {
        return model;
    }

    /** An executor for one worker, which closes it. Any thread. */
    OrtExecutor executor() {
        OrtExecutor made = first.getAndSet(null);
        return made == null ? new OrtExecutor(model, options) : made;
    }

    /** After the executors that were given out. */
    @Override
    public void close() {
        OrtExecutor unused = first.getAndSet(null);
        if (unused != null) {
            unused.close();
        }
        model.close();
        image.close();
    }
}
