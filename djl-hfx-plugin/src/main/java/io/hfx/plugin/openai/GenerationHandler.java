package io.hfx.plugin.openai;

import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.http.HttpExchange;
import io.hfx.plugin.http.HttpHandler;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.trace.RequestTraces;
import io.hfx.scheduler.slo.SloClass;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one generation endpoint. */
final class GenerationHandler implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationHandler.class);
    private static final RequestParser CHAT = new ChatParser();
    private static final RequestParser COMPLETIONS = new CompletionParser();

    private final GenerationForm form;
    private final Choice choice;
    private final ServedModels models;
    private final RequestLimits limits;
    private final Function<String, SloResolver> slos;
    private final RequestTraces traces;
    private final Executor parsers;
    private final Admissions admissions;

    /** Which model a request is for. */
    interface Choice {
        /**
         * The model with its service.
         *
         * @throws io.hfx.plugin.http.ApiException that says why there is none
         */
        ServedModels.Served of(HttpExchange exchange, Fields body);
    }

    /**
     * @param parsers threads that parse and tokenise; bounded
     */
    GenerationHandler(
            GenerationForm form,
            Choice choice,
            ServedModels models,
            RequestLimits limits,
            Function<String, SloResolver> slos,
            RequestTraces traces,
            Executor parsers,
            Admissions admissions) {
        this.form = form;
        this.choice = choice;
        this.models = models;
        this.limits = limits;
        this.slos = slos;
        this.traces = traces;
        this.parsers = parsers;
        this.admissions = admissions;
    }

    @Override
    public void handle(HttpExchange exchange) {
        checkContentType(exchange);
        Admissions.Outcome outcome = admissions.enter();
        if (outcome == Admissions.Outcome.DRAINING) {
            exchange.closeAfter();
            throw refusal(503, "draining", "The server is stopping");
        }
        if (outcome == Admissions.Outcome.FULL) {
            throw refusal(
                    429, "too-many-requests", "The server has " + limits.inFlight() + " requests");
        }
        try {
            parsers.execute(() -> prepare(exchange));
        } catch (RejectedExecutionException e) {
            admissions.leave();
            throw refusal(429, "too-many-requests", "Too many requests wait to be parsed");
        }
    }

    private ApiException refusal(int status, String reason, String message) {
        models.front().metrics().refusedBeforeScheduling(reason);
        return ApiError.refused(status, reason, message, 1).asException();
    }

    private static void checkContentType(HttpExchange exchange) {
        String type = exchange.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!media.equals("application/json")) {
            throw ApiError.invalid(
                            415,
                            "content-type",
                            "unsupported_media_type",
                            "content-type must be application/json")
                    .asException();
        }
        if (exchange.headers().contains(HttpHeaderNames.CONTENT_ENCODING)) {
            throw ApiError.invalid(
                            415,
                            "content-encoding",
                            "unsupported_media_type",
                            "The body must not be compressed")
                    .asException();
        }
    }

    /** On a parser thread. */
    private void prepare(HttpExchange exchange) {
        ApiError error;
        try {
            GenerationSession session = session(exchange);
            exchange.run(session::start);
            return;
        } catch (ApiException e) {
            error = e.error();
        } catch (OutOfMemoryError e) {
            LOG.error("request {} could not be prepared", exchange.requestId(), e);
            error = refusal(503, "out-of-memory", "The server's memory ran out").error();
        } catch (RuntimeException | Error e) {
            LOG.error("request {} could not be prepared", exchange.requestId(), e);
            error = ApiError.server("The server had an error while reading the request");
        }
        admissions.leave();
        exchange.fail(error);
    }

    private GenerationSession session(HttpExchange exchange) {
        Fields body = Fields.parse(exchange.takeBody());
        ServedModels.Served served = choice.of(exchange, body);
        boolean chat = form.isChat(body);
        ParsedRequest parsed = (chat ? CHAT : COMPLETIONS).parse(body, served.model(), limits);
        Parameters parameters = parsed.parameters();
        SloResolver.Headers headers = header -> exchange.headers().getAll(header);
        SloResolver resolver = slos.apply(served.model().id()).of(exchange.caller());
        SloClass sloClass = resolver.resolve(headers, parameters.slo(), parameters.serviceTier());
        GenerationRequest request =
                new GenerationRequest(
                        admissions.nextId(),
                        parsed.prompts(),
                        parameters.choices(),
                        parameters.sampling(),
                        parameters.logprobs(),
                        maxTokens(parsed, chat, served.model()),
                        parameters.stops().minTokens(),
                        parameters.ignoreEos(),
                        parameters.stops().tokenIds(),
                        sloClass,
                        resolver.priority(headers, parameters.priority()),
                        exchange.readAtNanos(),
                        parameters.cache().scope(exchange.caller()),
                        parameters.tenant(exchange.caller()));
        Reply reply = reply(exchange, chat, served.model(), parsed, request);
        return new GenerationSession(
                exchange, served, traces, request, parsed, reply, admissions::leave);
    }

    private int maxTokens(ParsedRequest parsed, boolean chat, ServedModel model) {
        int maxTokens = parsed.parameters().maxTokens().orElse(parsed.defaultMaxTokens());
        int longest = parsed.longestPromptTokens();
        if (longest > model.maxSequenceTokens() - maxTokens) {
            String field = chat ? "messages" : "prompt";
            throw RequestParser.contextExceeded(field, longest, maxTokens, model);
        }
        if (parsed.parameters().stops().minTokens() > maxTokens) {
            throw Fields.bad("min_tokens", "min_tokens must be at most max_tokens, " + maxTokens);
        }
        return maxTokens;
    }

    private static Reply reply(
            HttpExchange exchange,
            boolean chat,
            ServedModel model,
            ParsedRequest parsed,
            GenerationRequest request) {
        Parameters parameters = parsed.parameters();
        StreamOptions options = parameters.streamOptions();
        OpenAiJson.Head head =
                new OpenAiJson.Head(
                        exchange.requestId(),
                        System.currentTimeMillis() / 1000,
                        model.id(),
                        SloResolver.heldTier(parameters.serviceTier(), request.sloClass()));
        ReplyFormat format =
                new OpenAiJson(chat, head, parsed.echoOfChoices(), options.includeUsage());
        boolean scored = request.logprobs() != GenerationRequest.NO_LOGPROBS;
        return parameters.stream()
                ? new Reply.Streamed(exchange, format, options, request.sequences())
                : new Reply.Whole(exchange, format, scored, request.sequences());
    }
}
