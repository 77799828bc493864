package io.hfx.plugin.metrics;

import io.hfx.engine.prefix.PrefixStats;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.plugin.service.WorkerFailure;
import io.hfx.scheduler.latency.FitError;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Shows a service: takes one snapshot of it before every scrape, so that all its figures belong
 * together, and follows workers that come and go.
 */
public final class Scrape implements AutoCloseable {
    private final ServerMetrics metrics;
    private final ModelService service;
    private final Map<String, List<Meter>> workerMeters = new HashMap<>();
    private final Map<String, WorkerStatus> workers = new HashMap<>();
    private final Runnable snapshot = this::look;
    private ServiceStatus status;

    public Scrape(ServerMetrics metrics, ModelService service) {
        this.metrics = metrics;
        this.service = service;
        this.status = service.status();
        gauge(
                "vllm:num_requests_running",
                "Requests bound to a worker and unfinished",
                ServiceStatus::running);
        gauge(
                "vllm:num_requests_waiting",
                "Requests not yet bound to a worker",
                ServiceStatus::waiting);
        gauge("vllm:kv_cache_usage_perc", "Share of KV slots in use, 0 to 1", Scrape::kvUsage);
        prefixes();
        for (WorkerFailure cause : WorkerFailure.values()) {
            count(
                    "hfx_worker_failures_total",
                    "Workers that failed, by cause",
                    cause,
                    ServiceStatus::failures);
            count(
                    "hfx_worker_restarts_total",
                    "Workers that took the place of a failed one, by the cause of the failure",
                    cause,
                    ServiceStatus::restarts);
        }
        metrics.meters().beforeScrape(snapshot);
    }

    private void prefixes() {
        gauge(
                "hfx_prefix_cache_bytes",
                "Bytes that the prefix cache holds",
                status -> status.prefixes().bytes());
        gauge(
                "hfx_prefix_cache_limit_bytes",
                "Most bytes that the prefix cache holds; 0 where it is off",
                status -> status.prefixes().capacityBytes());
        count(
                "vllm:prefix_cache_queries_total",
                "Prompt tokens that were looked up in the prefix cache",
                PrefixStats::askedTokens);
        count(
                "vllm:prefix_cache_hits_total",
                "Prompt tokens that came from the prefix cache",
                PrefixStats::hitTokens);
        count(
                "hfx_prefix_cache_evicted_blocks_total",
                "Blocks that left the prefix cache for others",
                PrefixStats::evictedBlocks);
    }

    /** The service is shown no longer; its meters end with those of its model. */
    @Override
    public void close() {
        metrics.meters().notBeforeScrape(snapshot);
    }

    private void look() {
        status = service.status();
        workers.clear();
        status.workers().forEach(worker -> workers.put(worker.id(), worker));
        workers.keySet().forEach(id -> workerMeters.computeIfAbsent(id, this::register));
        workerMeters.entrySet().removeIf(this::removed);
    }

    private boolean removed(Map.Entry<String, List<Meter>> worker) {
        if (workers.containsKey(worker.getKey())) {
            return false;
        }
        worker.getValue().forEach(registry()::remove);
        return true;
    }

    private List<Meter> register(String id) {
        List<Meter> meters = new ArrayList<>();
        meters.add(count("hfx_worker_steps_total", "Steps completed", id, WorkerStatus::steps));
        meters.add(
                count(
                        "hfx_worker_loop_cpu_seconds_total",
                        "CPU time of the worker's loop thread, executor included",
                        id,
                        WorkerStatus::loopSeconds));
        meters.add(
                count(
                        "hfx_worker_executor_cpu_seconds_total",
                        "CPU time of the worker's loop thread inside the executor",
                        id,
                        WorkerStatus::executorSeconds));
        meters.add(
                level(
                        "hfx_latency_model_mape",
                        "Mean error of the predicted step times, of late, as a share",
                        id,
                        worker -> ofFit(worker, FitError::mape)));
        meters.add(
                level(
                        "hfx_latency_model_bias",
                        "The same with its sign: above 0 where steps are predicted too long",
                        id,
                        worker -> ofFit(worker, FitError::bias)));
        meters.add(level("hfx_kv_slots", "KV slots in all", id, WorkerStatus::kvSlots));
        meters.add(
                level(
                        "hfx_kv_slots_used",
                        "KV slots held by a sequence",
                        id,
                        WorkerStatus::runningSequences));
        meters.add(level("hfx_kv_context_tokens", "Tokens in KV", id, WorkerStatus::contextTokens));
        meters.add(
                level(
                        "hfx_worker_ready",
                        "1 while the worker serves",
                        id,
                        worker -> worker.state().equals(WorkerStatus.READY) ? 1 : 0));
        return meters;
    }

    private static double ofFit(WorkerStatus worker, ToDoubleFunction<FitError> figure) {
        FitError error = worker.fitError();
        return error.steps() == 0 ? Double.NaN : figure.applyAsDouble(error);
    }

    private Meter count(
            String name, String description, String id, ToDoubleFunction<WorkerStatus> figure) {
        return FunctionCounter.builder(name, this, self -> self.of(id, figure))
                .description(description)
                .tags(tags(id))
                .register(registry());
    }

    private void count(
            String name,
            String description,
            WorkerFailure cause,
            Function<ServiceStatus, Map<WorkerFailure, Long>> figures) {
        FunctionCounter.builder(
                        name, this, self -> figures.apply(self.status).getOrDefault(cause, 0L))
                .description(description)
                .tags(metrics.model().and("cause", cause.label()))
                .register(registry());
    }

    private void count(String name, String description, ToDoubleFunction<PrefixStats> figure) {
        FunctionCounter.builder(name, this, self -> figure.applyAsDouble(self.status.prefixes()))
                .description(description)
                .tags(metrics.model())
                .register(registry());
    }

    private Meter level(
            String name, String description, String id, ToDoubleFunction<WorkerStatus> figure) {
        return Gauge.builder(name, this, self -> self.of(id, figure))
                .description(description)
                .tags(tags(id))
                .register(registry());
    }

    private double of(String id, ToDoubleFunction<WorkerStatus> figure) {
        WorkerStatus worker = workers.get(id);
        return worker == null ? Double.NaN : figure.applyAsDouble(worker);
    }

    private void gauge(String name, String description, ToDoubleFunction<ServiceStatus> figure) {
        Gauge.builder(name, this, self -> figure.applyAsDouble(self.status))
                .description(description)
                .tags(metrics.model())
                .register(registry());
    }

    private Tags tags(String id) {
        return metrics.model().and("worker", id);
    }

    private MeterRegistry registry() {
        return metrics.meters().registry();
    }

    private static double kvUsage(ServiceStatus status) {
        long slots = status.workers().stream().mapToLong(WorkerStatus::kvSlots).sum();
        long used = status.workers().stream().mapToLong(WorkerStatus::runningSequences).sum();
        return slots == 0 ? 0 : (double) used / slots;
    }
}
