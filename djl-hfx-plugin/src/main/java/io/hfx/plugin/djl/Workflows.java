package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.models.Endpoint;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.workflow.Workflow;
import ai.djl.serving.workflow.function.WorkflowFunction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Knows which models are stages of workflows, and guards the functions between those stages. A
 * model served by itself is a workflow to DJL Serving, too, with the model's name. Thread-safe.
 */
final class Workflows {
    /** What the server calls the model of a workflow that it makes for one model. */
    private static final String OF_ONE_MODEL = "model";

    private final ServerInternals internals;
    private final Supplier<Collection<Endpoint>> endpoints;
    private final RequestContexts contexts;
    private volatile Set<WorkerPoolConfig<?, ?>> stages = Set.of();

    Workflows(
            ServerInternals internals,
            Supplier<Collection<Endpoint>> endpoints,
            RequestContexts contexts) {
        this.internals = internals;
        this.endpoints = endpoints;
        this.contexts = contexts;
        internals.replaceBuiltInFunctions(this::guarded);
    }

    /** Whether the model may be one stage of several, as of the last look. */
    boolean isStage(WorkerPoolConfig<?, ?> model) {
        return !stages.isEmpty() && stages.contains(model);
    }

    /** Looks for workflows that came or went. */
    synchronized void look() {
        Set<WorkerPoolConfig<?, ?>> found = new HashSet<>();
        for (Endpoint endpoint : endpoints.get()) {
            List<Workflow> workflows = new ArrayList<>(endpoint.getWorkflows());
            for (Workflow workflow : workflows) {
                if (hasStages(workflow)) {
                    found.addAll(workflow.getWpcs());
                    internals.replaceFunctions(workflow, this::guarded);
                }
            }
        }
        stages = found;
    }

    private WorkflowFunction guarded(WorkflowFunction function) {
        return function instanceof GuardedFunction
                ? function
                : new GuardedFunction(function, contexts);
    }

    private static boolean hasStages(Workflow workflow) {
        Map<String, WorkerPoolConfig<Input, Output>> models = workflow.getWpcMap();
        WorkerPoolConfig<Input, Output> only = models.get(OF_ONE_MODEL);
        return models.size() != 1 || only == null || !workflow.getName().equals(only.getId());
    }
}
