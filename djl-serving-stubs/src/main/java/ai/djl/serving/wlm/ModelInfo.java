package ai.djl.serving.wlm;

import ai.djl.Device;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Path;
import java.util.Map;
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

    public Path getModelDir() {
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
