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
import io.hfx.plugin.http.HttpHandler;
import io.hfx.plugin.http.Router;
import io.hfx.plugin.metrics.Meters;
import io.hfx.plugin.metrics.ServerMetrics;
import io.hfx.plugin.service.ModelDirectory;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.trace.RequestTraces;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OpenAI endpoints of the served models: chat completions, completions, models. Owns the
 * threads that parse and tokenise. Thread-safe.
 */
public final class OpenAiApi implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Logger LOG = LoggerFactory.getLogger(OpenAiApi.class);

    private final ServedModels models;
    private final RequestLimits limits;
    private final Function<String, SloResolver> slos;
    private final Admissions admissions;
    private final Meters meters;
    private final RequestTraces traces;
    private final ThreadPoolExecutor parsers;

    /** With meters and traces of its own. */
    public OpenAiApi(
            ModelDirectory models, String frontLabel, RequestLimits limits, SloClasses classes) {
        this(models, frontLabel, limits, classes, new Meters(), new RequestTraces());
    }

    /** As the other, with the same classes for all models. */
    public OpenAiApi(
            ModelDirectory models,
            String frontLabel,
            RequestLimits limits,
            SloClasses classes,
            Meters meters,
            RequestTraces traces) {
        this(models, frontLabel, limits, always(new SloResolver(classes)), meters, traces);
    }

    private static Function<String, SloResolver> always(SloResolver resolver) {
        return model -> resolver;
    }

    /**
     * @param models that may come and go
     * @param frontLabel the label {@code model_name} of what is counted before a request's model is
     *     known
     * @param slos resolves the objectives of a model's requests, by its name
     * @param meters of the server; closed with this
     * @param traces take down what is decided for each request
     */
    public OpenAiApi(
            ModelDirectory models,
            String frontLabel,
            RequestLimits limits,
            Function<String, SloResolver> slos,
            Meters meters,
            RequestTraces traces) {
        this.meters = meters;
        this.traces = traces;
        this.limits = limits;
        this.slos = slos;
        this.admissions = new Admissions(limits.inFlight());
        this.models = new ServedModels(models, admissions, meters, frontLabel);
        this.parsers =
                new ThreadPoolExecutor(
                        limits.parserThreads(),
                        limits.parserThreads(),
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(limits.parserQueue()),
                        new DefaultThreadFactory("hfx-parser", true));
    }

    /**
     * Adds the endpoints.
     *
     * @param naming of the models that the two generation endpoints are for
     */
    public void addRoutes(Router router, ModelNaming naming) {
        router.on("POST", "/v1/chat/completions", generation(GenerationForm.CHAT, naming))
                .on("POST", "/v1/completions", generation(GenerationForm.COMPLETIONS, naming))
                .on("GET", "/v1/models", this::models)
                .on("GET", "/v1/models/*", this::model);
    }

    /**
     * Parses, renders and tokenises a request that nobody made, so that the first real one does not
     * wait for classes and templates to be loaded.
     */
    public void warmUp(ServedModel model) {
        ObjectNode body = JSON.createObjectNode();
        body.putArray("messages").addObject().put("role", "user").put("content", "Hello");
        try {
            new ChatParser().parse(Fields.parse(body.toString().getBytes(UTF_8)), model, limits);
        } catch (ApiException e) {
            LOG.debug("no warm-up of chat completions: {}", e.getMessage());
        }
    }

    /** A generation endpoint: of which body, and who names the model. */
    public HttpHandler generation(GenerationForm form, ModelNaming naming) {
        return handler(
                form,
                (exchange, body) -> {
                    String name = naming.model(exchange, body.text("model").orElse(null));
                    return models.toGenerate(name == null ? body.requiredText("model") : name);
                });
    }

    /** A generation endpoint of one model, whose service need not be the one in the directory. */
    public HttpHandler generation(GenerationForm form, String model, ModelService service) {
        return handler(form, (exchange, body) -> models.toGenerate(model, service));
    }

    private HttpHandler handler(GenerationForm form, GenerationHandler.Choice choice) {
        return new GenerationHandler(
                form, choice, models, limits, slos, traces, parsers, admissions);
    }

    /** Counters and histograms of what no model is known of; of all, where there is one model. */
    public ServerMetrics metrics() {
        return models.front().metrics();
    }

    /** Counters and histograms of one model, or null where nobody has asked for it yet. */
    public @Nullable ServerMetrics metrics(String model) {
        return models.metrics(model);
    }

    /** Makes the counters of models that nobody has asked for yet, so that a scrape shows all. */
    public void showAll() {
        models.showAll();
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
        models.all().forEach(model -> data.add(describe(model)));
        exchange.json(200, root.toString());
    }

    private void model(HttpExchange exchange) {
        String name = Router.path(exchange.uri()).substring("/v1/models/".length());
        exchange.json(200, describe(models.model(name)).toString());
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
        meters.close();
    }
}
