package ai.djl.serving.models;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.serving.http.DescribeWorkflowResponse;
import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.wlm.WorkerPoolConfig;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

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

    public void scaleWorkers(
            WorkerPoolConfig<Input, Output> wpc,
            String deviceName,
            int minWorkers,
            int maxWorkers) {
        throw new UnsupportedOperationException("stub");
    }

    public DescribeWorkflowResponse[] describeWorkflow(String workflowName, String version)
            throws ModelNotFoundException {
        throw new UnsupportedOperationException("stub");
    }

    public CompletableFuture<Map<String, Object>> workerStatus() {
        throw new UnsupportedOperationException("stub");
    }

    public boolean unregisterWorkflow(String workflowName, String version) {
        throw new UnsupportedOperationException("stub");
    }

    public Set<WorkerPoolConfig<Input, Output>> getWpcs() {
        throw new UnsupportedOperationException("stub");
    }

    public Optional<String> getSingleStartupWorkflow() {
        throw new UnsupportedOperationException("stub");
    }
}
