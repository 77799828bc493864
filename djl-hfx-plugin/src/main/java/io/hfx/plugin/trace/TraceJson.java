package io.hfx.plugin.trace;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
        for (Decision decision : trace.decisions()) {
            ObjectNode line = decisions.addObject();
            line.put("after_ms", millis(decision.atNanos() - trace.readAtNanos()));
            describe(line, decision, slo);
        }
        if (trace.left() > 0) {
            node.put("decisions_left_out", trace.left());
        }
    }

    private static void describe(ObjectNode line, Decision decision, Slo slo) {
        if (decision instanceof Decision.Queued queued) {
            line.put("what", "queued").put("ahead", queued.ahead());
        } else if (decision instanceof Decision.Bound bound) {
            line.put("what", "bound").put("worker", bound.worker()).put("demoted", bound.demoted());
        } else if (decision instanceof Decision.Batched batched) {
            line.put("what", "batched")
                    .put("worker", batched.worker())
                    .put("batch_requests", batched.requests())
                    .put("predicted_ms", millis(batched.predictedNanos()));
        } else if (decision instanceof Decision.Started started) {
            line.put("what", "started").put("worker", started.worker());
        } else if (decision instanceof Decision.Restored restored) {
            line.put("what", "restored").put("tokens", restored.tokens());
        } else if (decision instanceof Decision.Returned returned) {
            line.put("what", "returned").put("worker", returned.worker());
            line.put("reason", returned.why());
        } else if (decision instanceof Decision.FirstToken) {
            line.put("what", "first-token");
        } else if (decision instanceof Decision.Finished finished) {
            line.put("what", "finished");
            score(line, finished.score(), slo);
        } else if (decision instanceof Decision.Refused refused) {
            line.put("what", "refused").put("reason", refused.reason());
        } else if (decision instanceof Decision.Failed failed) {
            line.put("what", "failed").put("reason", failed.why());
        } else if (decision instanceof Decision.Aborted) {
            line.put("what", "aborted");
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
