package io.hfx.scheduler.policy;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.Collection;

/**
 * What a step planner shows its policy. Sequences in a running or suspended step are not in these
 * collections while it is open. The collections are looked through as far as one iterates, so that
 * a policy which takes the first few of many pays for those only. Valid during one call.
 */
public interface StepView {
    /** Time of the event being handled, on the driver's clock. */
    long nowNanos();

    WorkerSpec worker();

    /** Fitted to this worker's steps so far. */
    LatencyModel latency();

    /** Sequences that hold no KV, in the order of arrival at this worker. */
    Collection<? extends SequenceView> waiting();

    /** Sequences whose prompt is partly computed, in the order in which they started. */
    Collection<? extends SequenceView> prefilling();

    /** Sequences that decode, in the order in which they started. */
    Collection<? extends SequenceView> decoding();

    /** KV units that nobody holds. */
    long freeKvUnits();

    /** Whether a step is suspended. */
    boolean hasSuspended();
}
