package ai.djl.serving.workflow;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.wlm.WorkerPoolConfig;
import java.util.Collection;

/** Signatures only. */
public class Workflow implements AutoCloseable {
    Workflow() {}

    public Collection<WorkerPoolConfig<Input, Output>> getWpcs() {
        throw new UnsupportedOperationException("stub");
    }

    public String getName() {
        throw new UnsupportedOperationException("stub");
    }

    public String getVersion() {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("stub");
    }
}
