package io.hfx.plugin.djl;

import ai.djl.serving.models.ModelManager;
import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.wlm.WorkerPool;
import ai.djl.serving.workflow.Workflow;
import ai.djl.serving.workflow.function.WorkflowFunction;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.function.UnaryOperator;

/**
 * The members of DJL Serving that are not public and that the plugin cannot do without. The only
 * class that uses reflection; it looks for all of them when it is made, so that a server that lacks
 * one is left alone.
 */
final class ServerInternals {
    private final Field workLoadManager;
    private final Field jobQueue;
    private final Method addThreads;
    private final Field functions;
    private final Field prepared;

    /**
     * @throws IllegalStateException that names what this server lacks
     */
    ServerInternals() {
        this.workLoadManager = field(ModelManager.class, "wlm", WorkLoadManager.class);
        this.jobQueue = field(WorkerPool.class, "jobQueue", BlockingQueue.class);
        this.functions = field(Workflow.class, "funcs", Map.class);
        this.prepared = field(Workflow.class, "prepared", boolean.class);
        try {
            this.addThreads = WorkerPool.class.getDeclaredMethod("addThreads");
            addThreads.setAccessible(true);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException("this server has no WorkerPool.addThreads()", e);
        }
    }

    void install(WorkLoadManager manager) {
        set(workLoadManager, ModelManager.getInstance(), manager);
    }

    void install(WorkerPool<?, ?> pool, BlockingQueue<?> queue) {
        set(jobQueue, pool, queue);
    }

    /** Puts others in the place of a workflow's functions, once it is ready. */
    @SuppressWarnings("unchecked") // the field's own type
    void replaceFunctions(Workflow workflow, UnaryOperator<WorkflowFunction> replacement) {
        try {
            if (prepared.getBoolean(workflow)) {
                ((Map<String, WorkflowFunction>) functions.get(workflow))
                        .replaceAll((name, function) -> replacement.apply(function));
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the functions of a workflow cannot be reached", e);
        }
    }

    /** One more temporary worker, where there is room for it. */
    void addWorker(WorkerPool<?, ?> pool) {
        try {
            addThreads.invoke(pool);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException("a worker could not be added", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("WorkerPool.addThreads() cannot be called", e);
        }
    }

    private static Field field(Class<?> owner, String name, Class<?> type) {
        try {
            Field field = owner.getDeclaredField(name);
            if (field.getType() != type) {
                throw new IllegalStateException(
                        owner.getSimpleName() + "." + name + " is a " + field.getType().getName());
            }
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(
                    "this server has no " + owner.getSimpleName() + "." + name, e);
        }
    }

    private static void set(Field field, Object owner, Object value) {
        try {
            field.set(owner, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " cannot be set", e);
        }
    }
}
