package io.hfx.plugin.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.HttpExchange;
import io.hfx.plugin.http.Router;
import io.hfx.plugin.metrics.Meters;
import io.hfx.plugin.metrics.Scrape;
import io.hfx.plugin.metrics.WeightMeters;
import io.hfx.plugin.openai.OpenAiApi;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.plugin.trace.RequestTrace;
import io.hfx.plugin.trace.TraceJson;
import io.hfx.plugin.weights.WeightStatus;
import io.hfx.plugin.weights.WeightsJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Health, readiness, metrics and the status page of one served model. */
public final class StatusRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(StatusRoutes.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String REQUESTS = "/hfx/requests/";

    private final String modelId;
    private final ModelService service;
    private final Map<String, WeightStatus> weights;
    private final OpenAiApi api;
    private final Meters meters;

    /**
     * @param weights of the model; null where they are not known
     */
    public StatusRoutes(
            String modelId, ModelService service, @Nullable WeightStatus weights, OpenAiApi api) {
        this.modelId = modelId;
        this.service = service;
        this.weights = weights == null ? Map.of() : Map.of(modelId, weights);
        this.api = api;
        this.meters = api.metrics().meters();
        var unused = new Scrape(api.metrics(), service); // ends with the meters
        if (weights != null) {
            WeightMeters.show(api.metrics(), weights);
        }
    }

    /** Adds the routes. */
    public void addRoutes(Router router) {
        router.on("GET", "/health", exchange -> exchange.json(200, "{\"status\":\"ok\"}"))
                .on("GET", "/live", exchange -> exchange.json(200, "{\"status\":\"ok\"}"))
                .on("GET", "/ready", this::ready)
                .on("GET", "/metrics", this::metrics)
                .on("GET", "/hfx/status", this::status)
                .on("GET", "/hfx/weights", this::weights)
                .on("GET", REQUESTS + "*", this::request);
    }

    private void ready(HttpExchange exchange) {
        if (api.draining()) {
            throw ApiError.refused(503, "draining", "The server is stopping", 1).asException();
        }
        Refusal unavailable = service.unavailable();
        if (unavailable != null) {
            throw OpenAiApi.refused(unavailable).asException();
        }
        if (!service.status().serves()) {
            throw ApiError.refused(503, "no-worker", "No worker serves the model", 1).asException();
        }
        exchange.json(200, "{\"status\":\"ready\"}");
    }

    private void metrics(HttpExchange exchange) {
        try {
            api.background().execute(() -> scrape(exchange));
        } catch (RejectedExecutionException e) {
            throw ApiError.refused(503, "busy", "Too many requests wait", 1).asException();
        }
    }

    private void scrape(HttpExchange exchange) {
        try {
            String text = meters.scrape();
            if (text == null) {
                exchange.fail(ApiError.server("The Prometheus library does not fit"));
            } else {
                exchange.respond(200, Meters.CONTENT_TYPE, text.getBytes(StandardCharsets.UTF_8));
            }
        } catch (RuntimeException | Error e) {
            LOG.error("a scrape failed", e);
            exchange.fail(ApiError.server("The metrics could not be written"));
        }
    }

    private void status(HttpExchange exchange) {
        ServiceStatus status = service.status();
        Refusal unavailable = service.unavailable();
        ObjectNode root =
                JSON.createObjectNode()
                        .put("model", modelId)
                        .put("state", unavailable == null ? "serving" : unavailable.reason())
                        .put("message", unavailable == null ? null : unavailable.message())
                        .put("policy", status.policy())
                        .put("draining", api.draining())
                        .put("requests_in_flight", api.inFlight())
                        .put("requests_waiting", status.waiting())
                        .put("requests_running", status.running());
        ObjectNode failures = root.putObject("worker_failures");
        status.failures().forEach((cause, times) -> failures.put(cause.label(), times));
        PrefixJson.put(root, status.prefixes());
        ArrayNode workers = root.putArray("workers");
        status.workers().forEach(worker -> describe(workers.addObject(), worker));
        exchange.json(200, root.toString());
    }

    private void weights(HttpExchange exchange) {
        exchange.json(200, WeightsJson.of(weights));
    }

    private void request(HttpExchange exchange) {
        String id = Router.path(exchange.uri()).substring(REQUESTS.length());
        List<RequestTrace> traces = api.traces().find(id);
        if (traces.isEmpty()) {
            throw ApiError.invalid(404, null, "unknown_request", "Nothing is kept of this request")
                    .asException();
        }
        exchange.json(200, TraceJson.of(traces));
    }

    private static void describe(ObjectNode node, WorkerStatus worker) {
        node.put("id", worker.id())
                .put("state", worker.state())
                .put("executor", worker.executor())
                .put("optimised", worker.optimised())
                .put("steps", worker.steps())
                .put("running_sequences", worker.runningSequences())
                .put("kv_slots", worker.kvSlots())
                .put("context_tokens", worker.contextTokens())
                .put("loop_cpu_seconds", worker.loopSeconds())
                .put("executor_cpu_seconds", worker.executorSeconds());
        FitErrorJson.put(node, worker.fitError());
    }
}
