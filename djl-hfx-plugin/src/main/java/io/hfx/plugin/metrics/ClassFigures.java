package io.hfx.plugin.metrics;

import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloScore;
import io.micrometer.core.instrument.DistributionSummary;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What became of the whole requests of one class of one model. Scored as {@link SloScore} says;
 * refused and failed ones are missed, those whose client left count for neither, and so do those
 * without objective. Thread-safe.
 */
public final class ClassFigures {
    private static final int MOST_REASONS = 16;

    private final LongAdder finished = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder aborted = new LongAdder();
    private final LongAdder demoted = new LongAdder();
    private final LongAdder scored = new LongAdder();
    private final LongAdder met = new LongAdder();
    private final BoundedLabels reasons = new BoundedLabels(MOST_REASONS);
    private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();
    private final @Nullable DistributionSummary waitSeconds;
    private final @Nullable DistributionSummary latencySeconds;
    private final RefusalHook onNewReason;

    /** Hears of a reason that comes for the first time. */
    interface RefusalHook {
        void first(String reason);
    }

    ClassFigures(
            @Nullable DistributionSummary waitSeconds,
            @Nullable DistributionSummary latencySeconds,
            RefusalHook onNewReason) {
        this.waitSeconds = waitSeconds;
        this.latencySeconds = latencySeconds;
        this.onNewReason = onNewReason;
    }

    /** A worker began with a request, so long after it had come to this model's queue. */
    public void began(long waitNanos) {
        if (waitSeconds != null) {
            waitSeconds.record(waitNanos / 1e9);
        }
    }

    /** A request lost its place: it cannot meet its objectives. */
    public void demoted() {
        demoted.increment();
    }

    /**
     * A request was answered.
     *
     * @param e2eNanos from its reading to the answer
     * @return its score
     */
    public SloScore finished(Slo slo, long e2eNanos) {
        SloScore score = SloScore.ofWhole(slo, e2eNanos);
        finished.increment();
        if (latencySeconds != null) {
            latencySeconds.record(e2eNanos / 1e9);
        }
        if (!slo.isBestEffort()) {
            scored.increment();
            met.add(score.ttft() && score.e2e() ? 1 : 0);
        }
        return score;
    }

    /** A request was not served. */
    public void refused(Slo slo, String reason) {
        String label = reasons.of(reason);
        LongAdder count = refused.get(label);
        if (count == null) {
            count = refused.computeIfAbsent(label, l -> new LongAdder());
            onNewReason.first(label);
        }
        count.increment();
        missed(slo);
    }

    /** A request could not be completed. */
    public void failed(Slo slo) {
        failed.increment();
        missed(slo);
    }

    /** The client of a request left. */
    public void aborted() {
        aborted.increment();
    }

    private void missed(Slo slo) {
        if (!slo.isBestEffort()) {
            scored.increment();
        }
    }

    public long finishedCount() {
        return finished.sum();
    }

    public long failedCount() {
        return failed.sum();
    }

    public long abortedCount() {
        return aborted.sum();
    }

    public long demotedCount() {
        return demoted.sum();
    }

    /** Requests with an objective that were finished, refused or failed. */
    public long scoredCount() {
        return scored.sum();
    }

    /** Of these, those that met every objective. */
    public long metCount() {
        return met.sum();
    }

    long refusedCount(String reason) {
        LongAdder count = refused.get(reason);
        return count == null ? 0 : count.sum();
    }

    /** Refused requests by reason. */
    public Map<String, Long> refusedCounts() {
        Map<String, Long> counts = new TreeMap<>();
        refused.forEach((reason, count) -> counts.put(reason, count.sum()));
        return counts;
    }

    long refusedCount() {
        return refused.values().stream().mapToLong(LongAdder::sum).sum();
    }
}
