package ai.djl.serving.models;

import ai.djl.serving.workflow.Workflow;
import java.util.List;

public class Endpoint {
    public Endpoint() {
        throw new UnsupportedOperationException("stub");
    }

    public List<Workflow> getWorkflows() {
        throw new UnsupportedOperationException("stub");
    }
}
