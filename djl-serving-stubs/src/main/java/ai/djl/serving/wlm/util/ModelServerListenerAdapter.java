package ai.djl.serving.wlm.util;

import ai.djl.Device;
import ai.djl.serving.wlm.ModelInfo;

/** Signatures only. */
public abstract class ModelServerListenerAdapter implements ModelServerListener {
    public ModelServerListenerAdapter() {}

    public void onModelLoading(ModelInfo<?, ?> model, Device device) {
        throw new UnsupportedOperationException("stub");
    }
}
