package ai.djl.serving.wlm;

import ai.djl.Device;
import ai.djl.repository.zoo.ZooModel;
import java.util.Map;
import java.util.Properties;

/** Signatures only. */
public final class ModelInfo<I, O> extends WorkerPoolConfig<I, O> {
    private ModelInfo() {}

    public Properties getProperties() {
        throw new UnsupportedOperationException("stub");
    }

    public String getEngineName() {
        throw new UnsupportedOperationException("stub");
    }

    public Map<Device, ZooModel<I, O>> getModels() {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public Status getStatus() {
        throw new UnsupportedOperationException("stub");
    }
}
