package io.hfx.simulator.fleet;

import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloScore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request.
 *
 * @param request of which
 * @param timelines token times of each sequence; empty unless it is complete
 * @param refused why it was refused, or null
 * @param cancelled whether its client left before it was complete
 */
public record SimOutcome(
        SimRequest request,
        List<SequenceTimeline> timelines,
        @Nullable RefusalReason refused,
        boolean cancelled) {
    public SimOutcome {
        timelines = List.copyOf(timelines);
    }

    public boolean completed() {
        return !timelines.isEmpty();
    }

    public SloScore score() {
        return SloScore.of(request.spec().sloClass().slo(), timelines);
    }
}
