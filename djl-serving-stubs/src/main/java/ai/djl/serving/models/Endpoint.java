package ai.djl.serving.models;

import ai.djl.serving.workflow.Workflow;
import java.util.List;

/** Signatures only. */
public class Endpoint {
    public List<Workflow> getWorkflows() {
        throw new UnsupportedOperationException("stub");
    }
}
