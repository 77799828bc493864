package ai.djl.serving.models;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.wlm.WorkerPoolConfig;
import java.util.Map;
import java.util.Set;

/** Signatures only. */
public final class ModelManager {
    private ModelManager() {}

    public static ModelManager getInstance() {
        throw new UnsupportedOperationException("stub");
    }

    public Map<String, Endpoint> getEndpoints() {
        throw new UnsupportedOperationException("stub");
    }

    public WorkLoadManager getWorkLoadManager() {
        throw new UnsupportedOperationException("stub");
    }

    public boolean unregisterWorkflow(String workflowName, String version) {
        throw new UnsupportedOperationException("stub");
    }

    public Set<WorkerPoolConfig<Input, Output>> getWpcs() {
        throw new UnsupportedOperationException("stub");
    }
}
