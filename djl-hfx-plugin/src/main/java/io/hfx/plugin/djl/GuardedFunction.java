package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.workflow.Workflow;
import ai.djl.serving.workflow.WorkflowExpression.Item;
import ai.djl.serving.workflow.function.WorkflowFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A function of a workflow as it is, except that a request of which a stage was refused ends with
 * that refusal, without the function's having run on it, and that its output belongs to the same
 * request. Thread-safe as far as the function is.
 */
final class GuardedFunction extends WorkflowFunction {
    private final WorkflowFunction function;
    private final RequestContexts contexts;

    GuardedFunction(WorkflowFunction function, RequestContexts contexts) {
        this.function = function;
        this.contexts = contexts;
    }

    @Override
    public CompletableFuture<Item> run(
            Workflow.WorkflowExecutor executor, List<Workflow.WorkflowArgument> args) {
        List<Workflow.WorkflowArgument> guarded = new ArrayList<>(args.size());
        args.forEach(each -> guarded.add(new Argument(executor, each)));
        return function.run(executor, guarded)
                .handle((item, error) -> outcome(request(executor), item, error));
    }

    /** Fails once the request is refused, so that the function does not run on a refusal. */
    private final class Argument extends Workflow.WorkflowArgument {
        private final Workflow.WorkflowExecutor executor;
        private final Workflow.WorkflowArgument argument;

        Argument(Workflow.WorkflowExecutor executor, Workflow.WorkflowArgument argument) {
            super(executor, argument.getItem());
            this.executor = executor;
            this.argument = argument;
        }

        @Override
        public CompletableFuture<Item> evaluate() {
            return argument.evaluate().thenApply(this::unlessRefused);
        }

        private Item unlessRefused(Item item) {
            RequestContext request = request(executor);
            if (request != null && request.refusal() != null) {
                throw new CancellationException("a stage of the request was refused");
            }
            return item;
        }
    }

    private Item outcome(@Nullable RequestContext request, Item item, @Nullable Throwable error) {
        Output refusal = request == null ? null : request.refusal();
        if (refusal != null) {
            return new Item(refusal);
        }
        if (error != null) {
            throw error instanceof CompletionException e ? e : new CompletionException(error);
        }
        if (request != null && item.getItemType() == Item.ItemType.INPUT) {
            contexts.handOn(item.getInput(), request);
        }
        return item;
    }

    /** Of the input of the whole workflow, once its first stage has come to the scheduler. */
    private @Nullable RequestContext request(Workflow.WorkflowExecutor executor) {
        Input input = executor.execute(Workflow.IN).join().getInput();
        return contexts.known(input);
    }

    @Override
    public void prepare(WorkLoadManager manager, Map<String, Map<String, Object>> configs) {
        function.prepare(manager, configs);
    }

    @Override
    public void close() {
        function.close();
    }
}
