package io.hfx.scheduler.policy;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.Collection;
import java.util.List;

/**
 * What the dispatcher knows of a worker when it is asked: the worker's last report and what was
 * ordered since. One object for as long as the worker is there.
 */
public interface WorkerView {
    WorkerSpec spec();

    /** The worker's own fitted model. */
    LatencyModel latency();

    /** Requests bound to it that have not started, as far as reported, in the order of binding. */
    Collection<Waiting> unstarted();

    /** Requests bound to it that have started, in the order of binding. Made anew for each call. */
    List<Running> running();

    /** What its step policy told with its last report. */
    Outlook outlook();

    /** Prompt tokens of {@link #unstarted()}. */
    long unstartedPrefillTokens();

    /** Prompt tokens of those of {@link #unstarted()} that are leftover work. */
    long unstartedLeftoverTokens();

    /** Prompt tokens still to compute, of started and unstarted requests. */
    long pendingPrefillTokens();

    /** Sequences that decode. */
    int decodes();

    /** Tokens in its KV. */
    long contextTokens();

    /** Requests bound to it and unfinished. */
    int requests();

    /** KV units left when all that is bound has started. */
    long freeKvUnits();

    /** Predicted rest of the step that it runs now; 0 when idle. */
    long stepRemainingNanos();

    /**
     * Predicted end of the step of its last report, on the driver's clock: what {@link
     * #stepRemainingNanos()} comes from, without the time in it. {@link Long#MIN_VALUE} before the
     * first report.
     */
    long stepEndNanos();

    /** KV units that a request needs in full. */
    default long kvCost(RequestSpec request) {
        long units = 0;
        for (int i = 0; i < request.sequences(); i++) {
            units += spec().kv().cost(request.promptTokens(i) + request.maxTokens());
        }
        return units;
    }

    /** Whether its KV has room for a request in full, or it is empty and can never have more. */
    default boolean hasKvFor(RequestSpec request) {
        return kvCost(request) <= freeKvUnits() || requests() == 0;
    }
}
