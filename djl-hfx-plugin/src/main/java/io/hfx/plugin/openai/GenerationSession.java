package io.hfx.plugin.openai;

import io.hfx.engine.sampling.TokenLogprobs;
import io.hfx.engine.text.Detokenizer;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.HttpExchange;
import io.hfx.plugin.metrics.ServerMetrics;
import io.hfx.plugin.openai.ReplyFormat.Usage;
import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.service.Token;
import io.hfx.plugin.trace.RequestTrace;
import io.hfx.plugin.trace.RequestTraces;
import io.hfx.plugin.trace.TraceEvent;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.scheduler.slo.SloScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request from its submission to its end. Lives on its connection's event loop, to which the
 * service's calls hop, so that a worker never waits for a client.
 */
final class GenerationSession implements GenerationListener {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationSession.class);

    private final HttpExchange exchange;
    private final ModelService service;
    private final ServedModel model;
    private final ServedModels.Entry entry;
    private final ServerMetrics metrics;
    private final GenerationRequest request;
    private final Reply reply;
    private final RequestTrace trace;
    private final Runnable release;
    private final List<OutputSequence> sequences = new ArrayList<>();
    private final StopRules stops;
    private final int promptTokens;
    private int cachedTokens;
    private int open;
    private boolean started;
    private boolean ended;

    /**
     * @param traces take the request's decisions down
     * @param parsed what ends each sequence, and what its text shows
     * @param release runs once, when the request has ended in whatever way
     */
    GenerationSession(
            HttpExchange exchange,
            ServedModels.Served served,
            RequestTraces traces,
            GenerationRequest request,
            ParsedRequest parsed,
            Reply reply,
            Runnable release) {
        this.exchange = exchange;
        this.service = served.service();
        this.model = served.model();
        this.entry = served.entry();
        this.metrics = served.metrics();
        this.request = request;
        this.stops = parsed.parameters().stops();
        this.reply = reply;
        this.release = release;
        this.promptTokens = request.prompts().stream().mapToInt(prompt -> prompt.length).sum();
        this.trace = trace();
        traces.begin(trace);
        this.open = request.sequences();
        for (int i = 0; i < open; i++) {
            Detokenizer text =
                    new Detokenizer(
                            model.tokenizer(),
                            parsed.parameters().skipSpecialTokens(),
                            parsed.continues());
            sequences.add(new OutputSequence(text, stops));
        }
    }

    private RequestTrace trace() {
        return new RequestTrace(
                exchange.requestId(),
                model.id(),
                request.sloClass(),
                request.priority(),
                request.readAtNanos(),
                System.currentTimeMillis() - sinceReadNanos() / 1_000_000,
                promptTokens);
    }

    /** Submits, unless the client has gone already. On the event loop. */
    void start() {
        entry.begun();
        exchange.onDisconnect(this::disconnected);
        if (ended) {
            return;
        }
        exchange.header("x-hfx-slo-class", request.sloClass().name());
        try {
            service.submit(request, this);
        } catch (RuntimeException | Error e) {
            LOG.error("request {} could not be submitted", exchange.requestId(), e);
            onFailed("The request could not be submitted");
        }
    }

    @Override
    public void token(int sequence, Token token) {
        exchange.run(() -> guarded(() -> onToken(sequence, token)));
    }

    @Override
    public void cached(int tokens) {
        trace.add(new TraceEvent.Restored(System.nanoTime(), tokens));
        exchange.run(() -> cachedTokens = tokens);
    }

    @Override
    public void finished(int sequence, FinishReason reason) {
        exchange.run(() -> guarded(() -> onFinished(sequence, reason)));
    }

    @Override
    public void refused(Refusal refusal) {
        exchange.run(() -> onRefused(refusal));
    }

    @Override
    public void failed(String message) {
        exchange.run(() -> onFailed(message));
    }

    @Override
    public void decided(TraceEvent decision) {
        trace.add(decision);
    }

    /** What fails here would leave the client waiting. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("request {} failed", exchange.requestId(), e);
            service.cancel(request.id());
            onFailed("The answer could not be written");
        }
    }

    private void onToken(int index, Token token) {
        OutputSequence sequence = sequences.get(index);
        if (ended || sequence.closed()) {
            return;
        }
        if (token.ends() && !shown(token)) {
            sequence.acceptEnd();
            return;
        }
        int textOffset = sequence.characters();
        String text = sequence.accept(token.id(), sinceReadNanos());
        count(sequence);
        ScoredToken scored = scored(token, textOffset);
        if (!sequence.stopped() || !text.isEmpty() || scored != null) {
            reply.delta(index, text, scored, this::usage);
        }
        if (sequence.stopped()) {
            service.stop(request.id(), index);
            onFinished(index, FinishReason.STOP);
        }
    }

    private boolean shown(Token token) {
        return stops.included() && stops.tokenIds().contains(token.id());
    }

    private @Nullable ScoredToken scored(Token token, int textOffset) {
        TokenLogprobs logprobs = token.logprobs();
        return logprobs == null
                ? null
                : ScoredToken.of(token.id(), logprobs, model.tokenizer(), textOffset);
    }

    private void count(OutputSequence sequence) {
        if (!started) {
            started = true;
            metrics.started(promptTokens);
            trace.add(new TraceEvent.FirstToken(System.nanoTime()));
        }
        if (sequence.tokens() == 1) {
            metrics.firstToken(sequence.lastNanos());
        } else {
            metrics.nextToken(sequence.lastGapNanos());
        }
    }

    private void onFinished(int index, FinishReason reason) {
        OutputSequence sequence = sequences.get(index);
        if (ended || sequence.closed()) {
            return;
        }
        String last = sequence.close();
        metrics.sequenceFinished(reason, sequence.timeline(sinceReadNanos()));
        reply.close(index, last, reason.name().toLowerCase(Locale.ROOT), this::usage);
        open--;
        if (open == 0 && end()) {
            score();
            reply.end(usage());
        }
    }

    private void score() {
        long nowNanos = sinceReadNanos();
        List<SequenceTimeline> timelines =
                sequences.stream().map(sequence -> sequence.timeline(nowNanos)).toList();
        SloClass sloClass = request.sloClass();
        long e2eNanos =
                timelines.stream().mapToLong(SequenceTimeline::e2eNanos).max().orElse(nowNanos);
        SloScore score = SloScore.of(sloClass.slo(), timelines);
        metrics.finished(sloClass, score, e2eNanos);
        trace.add(new TraceEvent.Finished(System.nanoTime(), score));
    }

    private void onRefused(Refusal refusal) {
        if (end()) {
            metrics.refused(request.sloClass(), refusal.reason());
            trace.add(new TraceEvent.Refused(System.nanoTime(), refusal.reason()));
            reply.fail(OpenAiApi.refused(refusal));
        }
    }

    private void onFailed(String message) {
        if (end()) {
            metrics.failed(request.sloClass());
            trace.add(new TraceEvent.Failed(System.nanoTime(), message));
            reply.fail(ApiError.server(message));
        }
    }

    private void disconnected() {
        if (end()) {
            metrics.aborted(request.sloClass());
            trace.add(new TraceEvent.Aborted(System.nanoTime()));
            service.cancel(request.id());
        }
    }

    /** Ends the request once; false where it had ended. */
    private boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        entry.ended();
        release.run();
        return true;
    }

    private long sinceReadNanos() {
        return System.nanoTime() - request.readAtNanos();
    }

    private Usage usage() {
        int completionTokens = sequences.stream().mapToInt(OutputSequence::outputTokens).sum();
        return new Usage(promptTokens, cachedTokens, completionTokens);
    }
}
