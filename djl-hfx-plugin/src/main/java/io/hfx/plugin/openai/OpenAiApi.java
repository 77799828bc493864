package io.hfx.plugin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.http.HttpExchange;
import io.hfx.plugin.http.Router;
import io.hfx.plugin.metrics.ServerMetrics;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.trace.RequestTraces;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OpenAI endpoints of one served model: chat completions, completions, models. Owns the threads
 * that parse and tokenise. Thread-safe.
 */
public final class OpenAiApi implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Logger LOG = LoggerFactory.getLogger(OpenAiApi.class);

    private final ModelService service;
    private final RequestLimits limits;
    private final SloResolver slos;
    private final Admissions admissions;
    private final ServerMetrics metrics;
    private final RequestTraces traces = new RequestTraces();
    private final ThreadPoolExecutor parsers;

    /**
     * @param modelId as configured: known before the model is loaded
     */
    public OpenAiApi(
            String modelId, ModelService service, RequestLimits limits, SloClasses classes) {
        this.service = service;
        this.limits = limits;
        this.slos = new SloResolver(classes);
        this.admissions = new Admissions(limits.inFlight());
        this.metrics = new ServerMetrics(modelId, admissions::inFlight);
        this.parsers =
                new ThreadPoolExecutor(
                        limits.parserThreads(),
                        limits.parserThreads(),
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(limits.parserQueue()),
                        new DefaultThreadFactory("hfx-parser", true));
    }

    /** Adds the endpoints. */
    public void addRoutes(Router router) {
        router.on("POST", "/v1/chat/completions", generation(true))
                .on("POST", "/v1/completions", generation(false))
                .on("GET", "/v1/models", this::models)
                .on("GET", "/v1/models/*", this::model);
    }

    /**
     * Parses, renders and tokenises a request that nobody made, so that the first real one does not
     * wait for classes and templates to be loaded.
     */
    public void warmUp() {
        ObjectNode body = JSON.createObjectNode().put("model", service.model().id());
        body.putArray("messages").addObject().put("role", "user").put("content", "Hello");
        try {
            new ChatParser()
                    .parse(Fields.parse(body.toString().getBytes(UTF_8)), service.model(), limits);
        } catch (ApiException e) {
            LOG.debug("no warm-up of chat completions: {}", e.getMessage());
        }
    }

    private GenerationHandler generation(boolean chat) {
        return new GenerationHandler(
                chat, service, limits, slos, metrics, traces, parsers, admissions);
    }

    /** Counters and histograms of these endpoints. */
    public ServerMetrics metrics() {
        return metrics;
    }

    /** The newest requests of these endpoints. */
    public RequestTraces traces() {
        return traces;
    }

    /** Runs work that would hold up an event loop; throws where too much of it waits. */
    public Executor background() {
        return parsers;
    }

    /** Requests accepted and unfinished. */
    public int inFlight() {
        return admissions.inFlight();
    }

    /** Refuses new requests with 503 from now on; those in flight go on. */
    public void drain() {
        admissions.drain();
    }

    public boolean draining() {
        return admissions.draining();
    }

    /**
     * A refusal of the service, as HTTP says it: one for good is the request's fault; of another, a
     * later attempt may do better.
     */
    public static ApiError refused(Refusal refusal) {
        if (refusal.httpStatus() == 400) {
            return ApiError.invalid(400, null, "context_length_exceeded", refusal.message());
        }
        long retrySeconds = (refusal.retryAfterNanos() + 999_999_999) / 1_000_000_000;
        return ApiError.refused(
                refusal.httpStatus(), refusal.reason(), refusal.message(), retrySeconds);
    }

    private void models(HttpExchange exchange) {
        ObjectNode root = JSON.createObjectNode().put("object", "list");
        ArrayNode data = root.putArray("data");
        if (service.unavailable() == null) {
            data.add(describe(service.model()));
        }
        exchange.json(200, root.toString());
    }

    private void model(HttpExchange exchange) {
        Refusal unavailable = service.unavailable();
        if (unavailable != null) {
            throw refused(unavailable).asException();
        }
        String path = Router.path(exchange.uri());
        RequestParser.checkModel(path.substring("/v1/models/".length()), service.model());
        exchange.json(200, describe(service.model()).toString());
    }

    private static ObjectNode describe(ServedModel model) {
        return JSON.createObjectNode()
                .put("id", model.id())
                .put("object", "model")
                .put("created", model.createdSeconds())
                .put("owned_by", "hfx")
                .put("max_model_len", model.maxSequenceTokens());
    }

    @Override
    public void close() {
        parsers.shutdownNow();
        metrics.close();
    }
}
