package ai.djl.serving.wlm;

/** Signatures only. */
public final class ModelInfo<I, O> extends WorkerPoolConfig<I, O> {
    private ModelInfo() {}

    public String getEngineName() {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public WorkerPoolConfig.Status getStatus() {
        throw new UnsupportedOperationException("stub");
    }
}
