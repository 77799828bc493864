package io.hfx.plugin.metrics;

import io.hfx.plugin.http.Cut;
import io.hfx.plugin.service.GenerationListener.FinishReason;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.scheduler.slo.SloScore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Counters and histograms of requests. Names that begin with {@code vllm:} are those that vLLM's
 * dashboards and benchmark tools query. Thread-safe; one per served model.
 */
public final class ServerMetrics implements AutoCloseable {
    private static final double[] TTFT_SECONDS = {
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20,
        40, 80, 160
    };
    private static final double[] TOKEN_SECONDS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5,
        5, 10
    };
    private static final double[] E2E_SECONDS = {
        0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240,
        480, 960
    };

    static final String REQUESTS = "Requests ended, by class and outcome";
    static final String REFUSED = "Requests refused";
    static final String SLO_REQUESTS = "Requests scored against their SLO";
    static final String SLO_MET = "Requests that met their SLO";

    /** Label of requests that were turned away before their class was known. */
    private static final String UNKNOWN_CLASS = "unknown";

    private final Meters meters;
    private final MeterRegistry registry;
    private final boolean alone;
    private final String modelId;
    private final Tags model;
    private final DistributionSummary ttft;
    private final DistributionSummary interToken;
    private final DistributionSummary timePerOutputToken;
    private final DistributionSummary requestTpot;
    private final DistributionSummary e2e;
    private final Counter promptTokens;
    private final Counter generationTokens;

    /**
     * Of a model that is alone in its server: {@link #close} ends all meters.
     *
     * @param modelId the label {@code model_name} of every metric
     * @param inFlight requests accepted and unfinished
     */
    public ServerMetrics(String modelId, IntSupplier inFlight) {
        this(new Meters(), modelId, inFlight, true);
    }

    /**
     * Of one model of several: {@link #close} removes its meters.
     *
     * @param meters of the server
     * @param modelId the label {@code model_name} of every metric
     * @param inFlight requests accepted and unfinished
     */
    public ServerMetrics(Meters meters, String modelId, IntSupplier inFlight) {
        this(meters, modelId, inFlight, false);
    }

    private ServerMetrics(Meters meters, String modelId, IntSupplier inFlight, boolean alone) {
        this.meters = meters;
        this.registry = meters.registry();
        this.alone = alone;
        this.modelId = modelId;
        model = Tags.of(Meters.MODEL, modelId);
        ttft =
                summary(
                        "vllm:time_to_first_token_seconds",
                        "From a request read to its first token written",
                        TTFT_SECONDS);
        interToken =
                summary(
                        "vllm:inter_token_latency_seconds",
                        "Between two tokens of a sequence",
                        TOKEN_SECONDS);
        timePerOutputToken =
                summary(
                        "vllm:time_per_output_token_seconds",
                        "The older name of vllm:inter_token_latency_seconds",
                        TOKEN_SECONDS);
        requestTpot =
                summary(
                        "vllm:request_time_per_output_token_seconds",
                        "Mean time per output token after the first, one per sequence",
                        TOKEN_SECONDS);
        e2e =
                summary(
                        "vllm:e2e_request_latency_seconds",
                        "From a request read to its last token written",
                        E2E_SECONDS);
        promptTokens =
                counter(
                        "vllm:prompt_tokens_total",
                        "Prompt tokens of started requests",
                        Tags.empty());
        generationTokens = counter("vllm:generation_tokens_total", "Tokens written", Tags.empty());
        Gauge.builder("hfx_requests_in_flight", inFlight::getAsInt)
                .description("Requests accepted and unfinished")
                .tags(model)
                .register(registry);
        for (Cut why : Cut.values()) {
            cuts(why);
        }
        for (FinishReason reason : FinishReason.values()) {
            success(reason.name().toLowerCase(Locale.ROOT));
        }
    }

    /**
     * Shows the state of the listener.
     *
     * @param connections open now
     * @param bufferedBytes of bodies held now
     * @param unreadBytes of answers that clients have not taken
     */
    public void listener(
            IntSupplier connections, LongSupplier bufferedBytes, LongSupplier unreadBytes) {
        Gauge.builder("hfx_connections", connections::getAsInt)
                .description("Open connections")
                .tags(model)
                .register(registry);
        Gauge.builder("hfx_buffered_body_bytes", bufferedBytes::getAsLong)
                .description("Bytes of bodies held for requests not yet parsed")
                .tags(model)
                .register(registry);
        Gauge.builder("hfx_unread_answer_bytes", unreadBytes::getAsLong)
                .description("Bytes of answers that clients have not taken")
                .tags(model)
                .register(registry);
    }

    /** The server ended a connection. */
    public void connectionCut(Cut why) {
        cuts(why).increment();
    }

    private Counter cuts(Cut why) {
        return counter(
                "hfx_connections_cut_total",
                "Connections that the server ended, by reason",
                Tags.of("reason", why.reason()));
    }

    /** The first token of a request's first sequence to have one. */
    public void started(int requestPromptTokens) {
        promptTokens.increment(requestPromptTokens);
    }

    /** The first token of a sequence, nanoseconds after the request was read. */
    public void firstToken(long ttftNanos) {
        generationTokens.increment();
        ttft.record(ttftNanos / 1e9);
    }

    /** A later token, nanoseconds after the one before it. */
    public void nextToken(long gapNanos) {
        generationTokens.increment();
        interToken.record(gapNanos / 1e9);
        timePerOutputToken.record(gapNanos / 1e9);
    }

    /** A sequence ended well. */
    public void sequenceFinished(FinishReason reason, SequenceTimeline timeline) {
        success(reason.name().toLowerCase(Locale.ROOT)).increment();
        if (timeline.tokens() > 1) {
            requestTpot.record(timeline.tpotNanos() / 1e9);
        }
    }

    /** A request was answered in full, and so has a score. */
    public void finished(SloClass sloClass, SloScore score, long e2eNanos) {
        e2e.record(e2eNanos / 1e9);
        ended(sloClass, score, "finished");
    }

    /** A request was not served. */
    public void refused(SloClass sloClass, String reason) {
        refusals(sloClass.name(), reason).increment();
        ended(sloClass, SloScore.MISSED, "refused");
    }

    /** A request was turned away before its objectives were known. */
    public void refusedBeforeScheduling(String reason) {
        refusals(UNKNOWN_CLASS, reason).increment();
    }

    private Counter refusals(String className, String reason) {
        return counter(
                "hfx_refused_requests_total",
                REFUSED,
                Tags.of("reason", reason, "slo_class", className));
    }

    /** A request could not be completed. */
    public void failed(SloClass sloClass) {
        ended(sloClass, SloScore.MISSED, "failed");
    }

    /** The client went away: neither met nor missed. */
    public void aborted(SloClass sloClass) {
        success("abort").increment();
        requests(sloClass, "aborted").increment();
    }

    private void ended(SloClass sloClass, SloScore score, String outcome) {
        requests(sloClass, outcome).increment();
        if (sloClass.slo().isBestEffort()) {
            return;
        }
        for (ScoringMode mode : ScoringMode.values()) {
            Tags tags =
                    Tags.of(
                            "slo_class",
                            sloClass.name(),
                            "mode",
                            mode.name().toLowerCase(Locale.ROOT));
            counter("hfx_slo_requests_total", SLO_REQUESTS, tags).increment();
            counter("hfx_slo_met_total", SLO_MET, tags).increment(score.met(mode) ? 1 : 0);
        }
    }

    private Counter requests(SloClass sloClass, String outcome) {
        return counter(
                "hfx_requests_total",
                REQUESTS,
                Tags.of("slo_class", sloClass.name(), "outcome", outcome));
    }

    private Counter success(String reason) {
        return counter(
                "vllm:request_success_total",
                "Sequences ended, by reason",
                Tags.of("finished_reason", reason));
    }

    private Counter counter(String name, String description, Tags tags) {
        return Counter.builder(name)
                .description(description)
                .tags(model.and(tags))
                .register(registry);
    }

    private DistributionSummary summary(String name, String description, double[] buckets) {
        return DistributionSummary.builder(name)
                .description(description)
                .tags(model)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    /** All meters of the server. */
    public Meters meters() {
        return meters;
    }

    Tags model() {
        return model;
    }

    @Override
    public void close() {
        if (alone) {
            meters.close();
        } else {
            meters.removeModel(modelId);
        }
    }
}
