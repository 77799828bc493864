package io.hfx.simulator.score;

import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloScore;
import io.hfx.simulator.fleet.SimOutcome;
import java.util.EnumMap;
import java.util.Map;

/** Counts and latencies of some requests. Latencies are those of completed ones. */
public final class Tally {
    private final Map<ScoringMode, Long> met = new EnumMap<>(ScoringMode.class);
    private final Sketch ttft = new Sketch();
    private final Sketch tpot = new Sketch();
    private final Sketch itl = new Sketch();
    private final Sketch e2e = new Sketch();
    private long requests;
    private long completed;
    private long refused;
    private long cancelled;
    private long outputTokens;
    private long goodTokens;

    void add(SimOutcome outcome) {
        requests++;
        refused += outcome.refused() != null ? 1 : 0;
        cancelled += outcome.cancelled() ? 1 : 0;
        if (!outcome.completed()) {
            return;
        }
        completed++;
        long tokens = 0;
        for (SequenceTimeline timeline : outcome.timelines()) {
            tokens += timeline.tokens();
            ttft.add((double) timeline.ttftNanos());
            e2e.add((double) timeline.e2eNanos());
            if (timeline.tokens() > 1) {
                tpot.add(timeline.tpotNanos());
            }
            for (int i = 1; i < timeline.tokens(); i++) {
                itl.add((double) (timeline.atNanos(i) - timeline.atNanos(i - 1)));
            }
        }
        outputTokens += tokens;
        SloScore score = outcome.score();
        goodTokens += score.met(ScoringMode.MEAN) ? tokens : 0;
        for (ScoringMode mode : ScoringMode.values()) {
            met.merge(mode, score.met(mode) ? 1L : 0L, Long::sum);
        }
    }

    /** All that arrived and are counted here. */
    public long requests() {
        return requests;
    }

    public long completed() {
        return completed;
    }

    public long refused() {
        return refused;
    }

    /** Those whose client left; they are no misses. */
    public long cancelled() {
        return cancelled;
    }

    public long outputTokens() {
        return outputTokens;
    }

    /** Output tokens of requests that met their objectives by mean TPOT. */
    public long goodTokens() {
        return goodTokens;
    }

    public long met(ScoringMode mode) {
        return met.getOrDefault(mode, 0L);
    }

    /** Share of the arrived that met their objectives, cancelled ones left out; 0 of none. */
    public double attainment(ScoringMode mode) {
        long counted = requests - cancelled;
        return counted == 0 ? 0 : (double) met(mode) / counted;
    }

    public Sketch ttft() {
        return ttft;
    }

    /** Mean TPOT of each sequence of two tokens or more. */
    public Sketch tpot() {
        return tpot;
    }

    /** Gaps between tokens, over all tokens. */
    public Sketch itl() {
        return itl;
    }

    public Sketch e2e() {
        return e2e;
    }
}
