package ai.djl.serving.workflow;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.workflow.WorkflowExpression.Item;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

public class Workflow implements AutoCloseable {
    public static final String IN = "in";

    public Workflow(WorkerPoolConfig<Input, Output> wpc) {
        throw new UnsupportedOperationException("stub");
    }

    public Collection<WorkerPoolConfig<Input, Output>> getWpcs() {
        throw new UnsupportedOperationException("stub");
    }

    public Map<String, WorkerPoolConfig<Input, Output>> getWpcMap() {
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

    public final class WorkflowExecutor {
        private WorkflowExecutor() {}

        public CompletableFuture<Item> execute(String target) {
            throw new UnsupportedOperationException("stub");
        }
    }

    public static class WorkflowArgument {
        public WorkflowArgument(WorkflowExecutor executor, Item item) {
            throw new UnsupportedOperationException("stub");
        }

        public Item getItem() {
            throw new UnsupportedOperationException("stub");
        }

        public CompletableFuture<Item> evaluate() {
            throw new UnsupportedOperationException("stub");
        }
    }
}
