package io.hfx.engine.ort;

import ai.onnxruntime.OrtSession;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.weights.ModelWeights;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model ready to run in this process, shared by all its executors: sessions over weights in
 * memory. Thread-safe. It needs no file and is ready in milliseconds, unpacked; {@link #optimise}
 * adds the prepacked form once for the process, at the price of {@link #packedBytes} more memory.
 *
 * <p>Close it after its executors. The memory behind the weights must outlive it.
 */
public final class OrtModel implements AutoCloseable {
    private final ModelConfig config;
    private final String modelHash;
    private final int intraOpThreads;
    private final Weights weights;
    private final WeightForm unpacked;

    /** By window; layers of the same window share one. */
    private final Map<Integer, OrtSession> attention = new HashMap<>();

    private volatile WeightForm form;
    private volatile boolean closed;
    private @Nullable CompletableFuture<Void> optimised;

    /**
     * @param modelHash identifies the weights
     * @param source gives each tensor by its Hugging Face name as a direct, native-order buffer,
     *     matrices as [out, in]
     * @param intraOpThreads threads of one run, 1 to 256; the pool does not spin
     * @throws IllegalArgumentException if a tensor does not fit the config
     */
    public OrtModel(
            ModelConfig config,
            String modelHash,
            Function<String, FloatBuffer> source,
            int intraOpThreads) {
        this(new ModelWeights(config, modelHash, source), intraOpThreads);
    }

    private OrtModel(ModelWeights given, int intraOpThreads) {
        if (intraOpThreads < 1 || intraOpThreads > 256) {
            throw new IllegalArgumentException(
                    "intraOpThreads must be 1 to 256, was " + intraOpThreads);
        }
        this.config = given.config();
        this.modelHash = given.modelHash();
        this.intraOpThreads = intraOpThreads;
        weights = new Weights(given);
        try {
            unpacked = WeightForm.unpacked(config, weights, intraOpThreads);
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
        form = unpacked;
        try {
            config.windowTokens().forEach(w -> attention.computeIfAbsent(w, this::openAttention));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * A model over weights whose memory must outlive it. Their values may still come: what reads
     * them waits for their arrival, piece by piece.
     *
     * @param intraOpThreads threads of one run, 1 to 256
     */
    public static OrtModel of(ModelWeights weights, int intraOpThreads) {
        return new OrtModel(weights, intraOpThreads);
    }

    public ModelConfig config() {
        return config;
    }

    public String modelHash() {
        return modelHash;
    }

    /** Memory that the prepacked form takes besides the weights themselves. */
    public long packedBytes() {
        return weights.packedBytes();
    }

    /** Whether steps that begin now run prepacked. */
    public boolean prepacked() {
        return form.prepacked();
    }

    /** Builds the prepacked form on a thread of its own; every call returns the same stage. */
    public synchronized CompletionStage<Void> optimise() {
        CompletableFuture<Void> stage = optimised;
        if (stage == null) {
            CompletableFuture<Void> started = new CompletableFuture<>();
            Thread builder = new Thread(() -> pack(started), "hfx-prepack");
            builder.setDaemon(true);
            builder.start();
            optimised = started;
            stage = started;
        }
        return stage;
    }

    /** Waits for a build of the prepacked form to stop, then frees the sessions. */
    @Override
    public void close() {
        CompletableFuture<Void> building;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            building = optimised;
        }
        if (building != null) {
            building.exceptionally(e -> null).join();
        }
        if (form != unpacked) {
            form.close();
        }
        unpacked.close();
        attention.values().forEach(WeightForm::close);
        weights.close();
    }

    WeightForm form() {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        return form;
    }

    /** Waits until the weights of a piece may be read; its exception is that of their arrival. */
    void awaitWeights(int piece) {
        weights.await(piece);
    }

    OrtSession attention(int layer) {
        return Objects.requireNonNull(attention.get(config.windowTokens().get(layer)));
    }

    private OrtSession openAttention(int windowTokens) {
        long localWindow = AttentionWindow.attribute(windowTokens);
        byte[] graph = new DecoderGraphs(config, false).attention(localWindow);
        return WeightForm.open("attention", graph, Map.of(), intraOpThreads);
    }

    private void pack(CompletableFuture<Void> stage) {
        try {
            form = WeightForm.prepacked(config, weights, intraOpThreads, () -> closed);
            stage.complete(null);
        } catch (Throwable e) { // whoever waits for the stage has to hear of it
            stage.completeExceptionally(e);
        }
    }
}
