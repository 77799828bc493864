package ai.djl.serving.wlm;

/** Signatures only. */
public abstract class WorkerPoolConfig<I, O> {
    protected WorkerPoolConfig() {}

    public String getId() {
        throw new UnsupportedOperationException("stub");
    }

    public String getVersion() {
        throw new UnsupportedOperationException("stub");
    }

    public abstract Status getStatus();

    public int getBatchSize() {
        throw new UnsupportedOperationException("stub");
    }

    public int getMaxBatchDelayMillis() {
        throw new UnsupportedOperationException("stub");
    }

    public int getQueueSize() {
        throw new UnsupportedOperationException("stub");
    }

    public enum Status {
        PENDING,
        READY,
        FAILED
    }
}
