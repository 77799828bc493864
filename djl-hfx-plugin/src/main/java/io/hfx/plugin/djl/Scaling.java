package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.http.BadRequestException;
import ai.djl.serving.models.ModelManager;
import ai.djl.serving.wlm.WorkerGroup;
import ai.djl.serving.wlm.WorkerPool;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.wlm.util.WlmException;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The number of workers that a {@code PUT /models/...} asks for.
 *
 * @param device whose workers; null for all
 * @param min least workers, which is how many there will be; {@link #UNCHANGED} as it is
 * @param max most workers; {@link #UNCHANGED} as it is
 * @param synchronous whether the answer waits until all serve and the others are gone
 */
record Scaling(@Nullable String device, int min, int max, boolean synchronous) {
    /** As the server has it. */
    private static final int UNCHANGED = -1;

    private static final int MOST_WORKERS = 256;

    /**
     * Reads the query.
     *
     * @throws BadRequestException 400 that names the parameter
     */
    static Scaling read(QueryStringDecoder decoder) {
        String synchronous = text(decoder, "synchronous", "false");
        if (!"true".equals(synchronous) && !"false".equals(synchronous)) {
            throw new BadRequestException(400, "synchronous must be true or false");
        }
        return new Scaling(
                text(decoder, "device", null),
                number(decoder, "min_worker"),
                number(decoder, "max_worker"),
                "true".equals(synchronous));
    }

    private static @Nullable String text(
            QueryStringDecoder decoder, String name, @Nullable String byDefault) {
        List<String> values = decoder.parameters().get(name);
        return values == null ? byDefault : values.get(0);
    }

    private static int number(QueryStringDecoder decoder, String name) {
        String text = text(decoder, name, Integer.toString(UNCHANGED));
        if (text != null && text.matches("-1|[0-9]{1,4}")) {
            int number = Integer.parseInt(text);
            if (number <= MOST_WORKERS) {
                return number;
            }
        }
        throw new BadRequestException(
                400, name + " must be a whole number from 0 to " + MOST_WORKERS);
    }

    /**
     * Scales models.
     *
     * @return what the server is to answer
     * @throws BadRequestException if it leads to more least than most workers
     */
    CompletableFuture<Object> apply(List<WorkerPoolConfig<Input, Output>> models) {
        for (WorkerPoolConfig<Input, Output> model : models) {
            checkReady(model);
            groups(model).forEach(this::checkOrder);
        }
        List<CompletableFuture<?>> settled = new ArrayList<>();
        List<String> said = new ArrayList<>();
        for (WorkerPoolConfig<Input, Output> model : models) {
            prune(model);
            ModelManager.getInstance().scaleWorkers(model, device, min, max);
            prune(model);
            HfxModel ours = HfxModel.of(model);
            if (synchronous && ours != null) {
                settled.add(ours.settled());
            }
            said.add(
                    "Workflow \""
                            + model.getId()
                            + "\" worker scaled. New Worker configuration min workers:"
                            + min
                            + " max workers:"
                            + max);
        }
        Map<String, String> answer = Map.of("status", String.join("\n", said));
        return CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new))
                .thenApply(done -> answer);
    }

    /** A model that failed may get new workers. */
    private static void checkReady(WorkerPoolConfig<Input, Output> model) {
        boolean ready = model.getStatus() == WorkerPoolConfig.Status.READY;
        HfxModel ours = HfxModel.of(model);
        if (!ready && (ours == null || !ours.service().hasFailed())) {
            throw new WlmException("Model or workflow is not ready: " + model.getId());
        }
    }

    private void checkOrder(WorkerGroup<Input, Output> group) {
        int least = min == UNCHANGED ? group.getMinWorkers() : min;
        int most = max == UNCHANGED ? group.getMaxWorkers() : max;
        if (least > most) {
            throw new BadRequestException(
                    400,
                    "min_worker "
                            + least
                            + (min == UNCHANGED ? " (as it is)" : "")
                            + " is above max_worker "
                            + most
                            + (max == UNCHANGED ? " (as it is)" : "")
                            + "; state both");
        }
    }

    /** The same of a model's pool, where it has one. */
    static void prune(WorkerPoolConfig<Input, Output> model) {
        WorkerPool<Input, Output> pool = pool(model);
        if (pool != null) {
            prune(pool);
        }
    }

    /** Takes stopped workers off the server's list, where it counts them for a minute. */
    static void prune(WorkerPool<?, ?> pool) {
        pool.getWorkerGroups()
                .values()
                .forEach(group -> group.getWorkers().removeIf(w -> !w.isRunning()));
    }

    private static List<WorkerGroup<Input, Output>> groups(WorkerPoolConfig<Input, Output> model) {
        WorkerPool<Input, Output> pool = pool(model);
        return pool == null ? List.of() : List.copyOf(pool.getWorkerGroups().values());
    }

    private static @Nullable WorkerPool<Input, Output> pool(WorkerPoolConfig<Input, Output> model) {
        return ModelManager.getInstance().getWorkLoadManager().getWorkerPool(model);
    }
}
