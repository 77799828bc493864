package ai.djl.serving.workflow.function;

import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.workflow.Workflow;
import ai.djl.serving.workflow.WorkflowExpression.Item;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

public abstract class WorkflowFunction implements AutoCloseable {
    public abstract CompletableFuture<Item> run(
            Workflow.WorkflowExecutor executor, List<Workflow.WorkflowArgument> args);

    public void prepare(WorkLoadManager wlm, Map<String, Map<String, Object>> configs) {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("stub");
    }
}
