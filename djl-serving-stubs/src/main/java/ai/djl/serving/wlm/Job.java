package ai.djl.serving.wlm;

import java.util.Optional;

/** Signatures only. */
public class Job<I, O> {
    public Job(WorkerPoolConfig<I, O> wpc, I input, int priority) {
        throw new UnsupportedOperationException("stub");
    }

    public WorkerPoolConfig<I, O> getWpc() {
        throw new UnsupportedOperationException("stub");
    }

    public I getInput() {
        throw new UnsupportedOperationException("stub");
    }

    public O getOutput() {
        throw new UnsupportedOperationException("stub");
    }

    public int getPriority() {
        throw new UnsupportedOperationException("stub");
    }

    public long getWaitingMicroSeconds() {
        throw new UnsupportedOperationException("stub");
    }

    public Optional<JobFunction<I, O>> getRunner() {
        throw new UnsupportedOperationException("stub");
    }
}
