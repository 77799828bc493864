package io.hfx.harness;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.util.passthrough.PassthroughNDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A DJL engine of known service time: every batch takes the time that the option {@code
 * serviceMicros} says, plus {@code perItemMicros} for each item, and answers each item with its
 * place in the batch and the size of the batch.
 */
public final class FixedTimeEngine extends Engine {
    public static final String NAME = "FixedTime";

    /** A request with this body fails at once, and its batch with it. */
    public static final String FAIL = "fail";

    @Override
    public @Nullable Engine getAlternativeEngine() {
        return null;
    }

    @Override
    public String getEngineName() {
        return NAME;
    }

    @Override
    public int getRank() {
        return 100;
    }

    @Override
    public String getVersion() {
        return "1";
    }

    @Override
    public boolean hasCapability(String capability) {
        return false;
    }

    @Override
    public Model newModel(String name, Device device) {
        return new FixedTimeModel(name);
    }

    @Override
    public NDManager newBaseManager() {
        return PassthroughNDManager.INSTANCE;
    }

    @Override
    public NDManager newBaseManager(Device device) {
        return PassthroughNDManager.INSTANCE;
    }

    @Override
    public void setRandomSeed(int seed) {}

    private static final class FixedTimeModel extends BaseModel {
        private long batchNanos;
        private long itemNanos;

        FixedTimeModel(String name) {
            super(name);
            manager = PassthroughNDManager.INSTANCE;
        }

        @Override
        public void load(Path folder, @Nullable String prefix, @Nullable Map<String, ?> options) {
            setModelDir(folder);
            wasLoaded = true;
            batchNanos = micros(options, "serviceMicros");
            itemNanos = micros(options, "perItemMicros");
        }

        private static long micros(@Nullable Map<String, ?> options, String name) {
            Object value = options == null ? null : options.get(name);
            return value == null ? 0 : Long.parseLong(value.toString()) * 1_000;
        }

        @Override
        public <I, O> Predictor<I, O> newPredictor(Translator<I, O> translator, Device device) {
            return new FixedTimePredictor<>(this, translator, device, batchNanos, itemNanos);
        }
    }

    private static final class FixedTimePredictor<I, O> extends Predictor<I, O> {
        private final long batchNanos;
        private final long itemNanos;

        FixedTimePredictor(
                Model model,
                Translator<I, O> translator,
                Device device,
                long batchNanos,
                long itemNanos) {
            super(model, translator, device, false);
            this.batchNanos = batchNanos;
            this.itemNanos = itemNanos;
        }

        @Override
        @SuppressWarnings("unchecked") // the server's inputs and outputs
        public List<O> batchPredict(List<I> inputs) throws TranslateException {
            for (I input : inputs) {
                if (((Input) input).getData().getAsString().equals(FAIL)) {
                    throw new TranslateException("as asked for");
                }
            }
            long endNanos = System.nanoTime() + batchNanos + itemNanos * inputs.size();
            for (long left = 1; left > 0; left = endNanos - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            List<O> outputs = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                Input input = (Input) inputs.get(i);
                Output output = new Output(200, "OK");
                output.add(i + " of " + inputs.size() + ": " + input.getData().getAsString());
                outputs.add((O) output);
            }
            return outputs;
        }
    }
}
