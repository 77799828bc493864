package io.hfx.plugin.trace;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloScore;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Writes what is known of a request; docs/api.md describes it. */
public final class TraceJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_TRACES = 100;

    private TraceJson() {}

    /**
     * One request.
     *
     * @param traces not empty; the newest 100 are written
     */
    public static String of(List<RequestTrace> traces) {
        ObjectNode root = JSON.createObjectNode().put("request_id", traces.get(0).id());
        ArrayNode jobs = root.putArray("jobs");
        int first = Math.max(0, traces.size() - MOST_TRACES);
        traces.subList(first, traces.size()).forEach(trace -> write(jobs.addObject(), trace));
        return root.toString();
    }

    /** One event alone, for a log. */
    static String line(RequestTrace trace, TraceEvent event) {
        ObjectNode line = JSON.createObjectNode();
        line.put("request_id", trace.id()).put("model", trace.model());
        describe(line, event, trace);
        return line.toString();
    }

    private static void write(ObjectNode node, RequestTrace trace) {
        node.put("model", trace.model())
                .put("read_at", Instant.ofEpochMilli(trace.readAtMillis()).toString())
                .put("slo_class", trace.sloClass().name())
                .put("on_miss", trace.sloClass().onMiss().name().toLowerCase(Locale.ROOT))
                .put("priority", trace.priority());
        Slo slo = trace.sloClass().slo();
        ObjectNode objectives = node.putObject("objectives");
        objective(objectives, "ttft_ms", slo.ttftNanos());
        objective(objectives, "tpot_ms", slo.tpotNanos());
        objective(objectives, "e2e_ms", slo.e2eNanos());
        if (trace.promptTokens() > 0) {
            node.put("prompt_tokens", trace.promptTokens());
        }
        ArrayNode decisions = node.putArray("decisions");
        trace.events().forEach(event -> describe(decisions.addObject(), event, trace));
        if (trace.left() > 0) {
            node.put("decisions_left_out", trace.left());
        }
    }

    private static void describe(ObjectNode line, TraceEvent decision, RequestTrace trace) {
        line.put("after_ms", millis(decision.atNanos() - trace.readAtNanos()));
        if (decision instanceof TraceEvent.Queued queued) {
            line.put("what", "queued").put("ahead", queued.ahead());
        } else if (decision instanceof TraceEvent.Decided decided) {
            describe(line, decided.decision(), trace.readAtNanos());
        } else if (decision instanceof TraceEvent.Batched batched) {
            line.put("what", "batched")
                    .put("worker", batched.worker())
                    .put("batch_requests", batched.requests())
                    .put("predicted_ms", millis(batched.predictedNanos()));
        } else if (decision instanceof TraceEvent.Restored restored) {
            line.put("what", "restored").put("tokens", restored.tokens());
        } else if (decision instanceof TraceEvent.FirstToken) {
            line.put("what", "first-token");
        } else if (decision instanceof TraceEvent.Finished finished) {
            line.put("what", "finished");
            score(line, finished.score(), trace.sloClass().slo());
        } else if (decision instanceof TraceEvent.Refused refused) {
            line.put("what", "refused").put("reason", refused.reason());
        } else if (decision instanceof TraceEvent.Failed failed) {
            line.put("what", "failed").put("reason", failed.why());
        } else if (decision instanceof TraceEvent.Aborted) {
            line.put("what", "aborted");
        }
    }

    private static void describe(ObjectNode line, Decision decision, long readAtNanos) {
        line.put("what", decision.what().label());
        if (decision.reason() != null) {
            line.put("reason", decision.reason().label());
        }
        if (decision.worker() != null) {
            line.put("worker", decision.worker().name());
        }
        if (decision.what() == Decision.What.BOUND) {
            line.put("demoted", decision.demoted());
        }
        Forecast forecast = decision.forecast();
        if (forecast.firstTokenNanos() != Slo.NONE) {
            line.put("predicted_ttft_ms", millis(forecast.firstTokenNanos() - readAtNanos));
        }
        if (forecast.dueNanos() != Slo.NONE) {
            line.put("due_ms", millis(forecast.dueNanos() - readAtNanos));
        }
    }

    /** Which objectives were met, and the whole by each mode; nothing where none was stated. */
    private static void score(ObjectNode line, SloScore score, Slo slo) {
        if (slo.isBestEffort()) {
            return;
        }
        ObjectNode met = line.putObject("met");
        if (slo.hasTtft()) {
            met.put("ttft", score.ttft());
        }
        if (slo.hasTpot()) {
            met.put("tpot", score.tpotMean());
        }
        if (slo.hasE2e()) {
            met.put("e2e", score.e2e());
        }
        for (ScoringMode mode : ScoringMode.values()) {
            met.put("all_" + mode.name().toLowerCase(Locale.ROOT), score.met(mode));
        }
    }

    private static void objective(ObjectNode node, String name, long nanos) {
        if (nanos != Slo.NONE) {
            node.put(name, millis(nanos));
        }
    }

    /** To the microsecond. */
    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
