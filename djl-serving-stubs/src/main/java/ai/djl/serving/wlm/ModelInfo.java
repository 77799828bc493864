package ai.djl.serving.wlm;

import java.util.Properties;

/** Signatures only. */
public final class ModelInfo<I, O> extends WorkerPoolConfig<I, O> {
    public ModelInfo(String modelUrl) {
        throw new UnsupportedOperationException("stub");
    }

    public Properties getProperties() {
        throw new UnsupportedOperationException("stub");
    }

    public String getEngineName() {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public Status getStatus() {
        throw new UnsupportedOperationException("stub");
    }
}
