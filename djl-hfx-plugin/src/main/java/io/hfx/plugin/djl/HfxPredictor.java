package io.hfx.plugin.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One worker, as DJL counts them. Requests do not pass here: the model's service has them. */
final class HfxPredictor<I, O> extends Predictor<I, O> {
    private final Runnable leave;
    private final AtomicBoolean left = new AtomicBoolean();

    HfxPredictor(Model model, Translator<I, O> translator, Device device, Runnable leave) {
        super(model, translator, device, false);
        this.leave = leave;
    }

    @Override
    public List<O> batchPredict(List<I> inputs) throws TranslateException {
        throw new TranslateException("requests of an HFX model do not go through DJL's workers");
    }

    /** Lets the worker leave, without blocking. The server calls this more than once. */
    @Override
    public void close() {
        if (left.compareAndSet(false, true)) {
            leave.run();
            super.close();
        }
    }
}
