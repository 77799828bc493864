package io.hfx.plugin.djl;

import ai.djl.engine.Engine;
import ai.djl.serving.models.ModelManager;
import ai.djl.serving.util.ConfigManager;
import ai.djl.serving.wlm.ModelInfo;
import ai.djl.serving.wlm.WorkerPool;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.wlm.WorkerThread;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.plugin.metrics.BatchFigures;
import io.hfx.plugin.metrics.ClassFigures;
import io.hfx.plugin.metrics.ModelFigures;
import io.hfx.plugin.server.FitErrorJson;
import io.hfx.plugin.server.PrefixJson;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes {@code /hfx/status} of a DJL Serving; docs/djl-serving.md describes it. */
final class StatusJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DEFAULT_ADDRESS = "http://127.0.0.1:8080";

    private StatusJson() {}

    static String of(ServerWatch server) {
        ObjectNode root = JSON.createObjectNode();
        server(root.putObject("server"));
        ArrayNode models = root.putArray("models");
        server.models().forEach(each -> model(models.addObject(), each));
        for (String name : server.tokenLevel().names()) {
            ModelService service = server.tokenLevel().find(name);
            if (service != null) {
                model(models.addObject(), name, service);
            }
        }
        return root.toString();
    }

    private static void server(ObjectNode node) {
        String version = StatusJson.class.getPackage().getImplementationVersion();
        ConfigManager config = ConfigManager.getInstance();
        boolean schedules =
                ModelManager.getInstance().getWorkLoadManager() instanceof HfxWorkLoadManager;
        node.put("hfx", version == null ? "unpackaged" : version)
                .put("djl", Engine.getDjlVersion())
                .put("java", Runtime.version().toString())
                .put("inference_address", config.getProperty("inference_address", DEFAULT_ADDRESS))
                .put(
                        "management_address",
                        config.getProperty("management_address", DEFAULT_ADDRESS))
                .put("schedules", schedules);
        ArrayNode replaced = node.putArray("replaced");
        if (schedules) {
            replaced.add("ModelManager.wlm").add("WorkerPool.jobQueue");
        }
    }

    private static void model(ObjectNode node, ServerWatch.Watched each) {
        WorkerPool<?, ?> pool = each.pool();
        WorkerPoolConfig<?, ?> config = pool.getWpc();
        ModelFigures figures = each.watch().figures();
        node.put("model", config.getId())
                .put("version", config.getVersion())
                .put("engine", config instanceof ModelInfo<?, ?> info ? info.getEngineName() : null)
                .put("kind", "whole-request")
                .put("status", config.getStatus().name().toLowerCase(Locale.ROOT))
                .put("policy", HfxWorkLoadManager.POLICY.name())
                .put("batch_size", config.getBatchSize())
                .put("max_batch_delay_ms", config.getMaxBatchDelayMillis())
                .put("queue_bound", config.getQueueSize())
                .put("max_workers", pool.getMaxWorkers());
        ArrayNode workers = node.putArray("workers");
        for (WorkerThread<?, ?> worker : List.copyOf(pool.getWorkers())) {
            workers.addObject().put("id", worker.getWorkerId()).put("running", worker.isRunning());
        }
        batches(node.putObject("batches"), figures.batches());
        classes(node.putObject("classes"), figures);
    }

    private static void model(ObjectNode node, String name, ModelService service) {
        ServiceStatus status = service.status();
        Refusal unavailable = service.unavailable();
        node.put("model", name)
                .put("engine", HfxEngine.NAME)
                .put("kind", "token-level")
                .put("status", unavailable == null ? "ready" : unavailable.reason())
                .put("policy", status.policy())
                .put("waiting", status.waiting())
                .put("running", status.running());
        PrefixJson.put(node, status.prefixes());
        ArrayNode workers = node.putArray("workers");
        for (WorkerStatus worker : status.workers()) {
            ObjectNode line = workers.addObject();
            line.put("id", worker.id())
                    .put("state", worker.state())
                    .put("executor", worker.executor())
                    .put("running_sequences", worker.runningSequences())
                    .put("kv_slots", worker.kvSlots())
                    .put("steps", worker.steps());
            FitErrorJson.put(line, worker.fitError());
        }
    }

    private static void batches(ObjectNode node, BatchFigures batches) {
        long count = batches.batches();
        double measured = batches.measuredSeconds();
        node.put("ended", count);
        if (count == 0 || measured == 0) {
            return;
        }
        node.put("mean_requests", round((double) batches.requests() / count))
                .put("mean_ms", round(1e3 * measured / count))
                .put("prediction_bias", round(batches.predictedSeconds() / measured - 1))
                .put("prediction_error", round(batches.errorSeconds() / measured));
        latency(node.putObject("latency_model"), batches.latency());
    }

    /** Whole requests make a model of two figures: of any batch, and of each request in it. */
    private static void latency(ObjectNode node, @Nullable LatencyModel model) {
        if (model != null) {
            double oneMillis = model.stepNanos(new StepShape(1, 1, 0.5, 0, 0)) / 1e6;
            node.put("batch_ms", round(model.baseNanos() / 1e6))
                    .put("request_ms", round(oneMillis - model.baseNanos() / 1e6));
        }
    }

    private static void classes(ObjectNode node, ModelFigures figures) {
        var queue = figures.queue();
        var known = figures.classes();
        var names = new TreeSet<>(known.keySet());
        names.addAll(queue.keySet());
        for (String name : names) {
            ObjectNode line = node.putObject(name);
            var level = queue.get(name);
            line.put("waiting", level == null ? 0 : level.requests())
                    .put("oldest_ms", level == null ? 0 : round(level.oldestNanos() / 1e6));
            ClassFigures counts = known.get(name);
            if (counts != null) {
                line.put("finished", counts.finishedCount())
                        .put("failed", counts.failedCount())
                        .put("aborted", counts.abortedCount())
                        .put("demoted", counts.demotedCount())
                        .put("scored", counts.scoredCount())
                        .put("met", counts.metCount());
                ObjectNode refused = line.putObject("refused");
                counts.refusedCounts().forEach(refused::put);
            }
        }
    }

    private static double round(double value) {
        return Math.round(value * 1e3) / 1e3;
    }
}
