package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.Map;

/**
 * A prefill that one worker is to do for a request that keeps its place. It holds by itself all
 * that its times follow from, as they are predicted anew with each report of the worker.
 */
final class Promise {
    final Waiting request;
    final long id;
    final int priority;

    /** Of several on one worker, with the same priority and due time, the least is served first. */
    final long number;

    /** Whether some of it is computed. */
    final boolean begun;

    /** Whether it may lose its place to another. */
    final boolean displaceable;

    /** When it is due by what the worker told last; {@link Slo#NONE} for never. */
    long dueNanos;

    /** Time of its work by what the worker told last; 0 where it is never due. */
    double nanos;

    /** As {@link Admission#workNanos}, by what the worker told last. */
    double workNanos;

    /** Tokens before those of {@link #tokens}. */
    private final int start;

    /** Of the only prompt; 0 where there are several, of which none has begun. */
    private final int tokens;

    private final SloClass sloClass;
    private final long arrivalNanos;
    private final int sequences;
    private final int expectedTokens;
    private final int maxTokens;

    private Promise(Waiting request, long number, boolean begun, int start, int tokens) {
        RequestSpec spec = request.request();
        this.request = request;
        this.id = spec.id();
        this.priority = spec.priority();
        this.number = number;
        this.begun = begun;
        this.start = start;
        this.tokens = tokens;
        this.sloClass = spec.sloClass();
        this.arrivalNanos = request.arrivalNanos();
        this.sequences = spec.sequences();
        this.expectedTokens = spec.expectedTokens();
        this.maxTokens = spec.maxTokens();
        this.displaceable =
                !begun
                        && !request.leftover()
                        && !request.begun()
                        && sloClass.onMiss() == OnMiss.DEMOTE;
    }

    /** One of which nothing is computed. */
    static Promise unstarted(Waiting request, long number) {
        RequestSpec spec = request.request();
        int start = spec.cachedTokens(0);
        boolean one = spec.promptTokens().size() == 1;
        return new Promise(request, number, false, start, one ? spec.promptTokens(0) - start : 0);
    }

    /**
     * One of which some is computed.
     *
     * @param start tokens computed
     * @param tokens still to compute, at least 1
     */
    static Promise begun(Waiting request, long number, int start, int tokens) {
        return new Promise(request, number, true, start, tokens);
    }

    /**
     * Predicts its times anew.
     *
     * @param stepNanos a typical step by this model
     * @param usualOutputs as in {@link io.hfx.scheduler.message.Outlook}
     */
    void predict(LatencyModel latency, long stepNanos, Map<String, Integer> usualOutputs) {
        int output = Deadlines.outputTokens(sloClass, expectedTokens, maxTokens, usualOutputs);
        dueNanos = Deadlines.firstTokenNanos(sloClass.slo(), arrivalNanos, output, stepNanos);
        double prefillNanos =
                tokens > 0
                        ? latency.prefillNanos(start, tokens) - latency.baseNanos()
                        : Admission.prefillNanos(latency, request.request());
        nanos = dueNanos == Slo.NONE ? 0 : prefillNanos;
        workNanos = prefillNanos + Admission.outputNanos(latency, output, sequences);
    }

    /** Whether it is served before another on the same worker. */
    boolean isBefore(Promise other) {
        if (priority != other.priority) {
            return priority < other.priority;
        }
        return dueNanos != other.dueNanos ? dueNanos < other.dueNanos : number < other.number;
    }
}
