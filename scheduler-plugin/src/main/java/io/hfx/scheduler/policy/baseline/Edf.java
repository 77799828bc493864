package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.slo.Slo;
import java.util.Comparator;

/**
 * Earliest deadline first on Sarathi's steps: the deadline is that of the first token, or the
 * end-to-end one where there is no other; requests without either come last. Nothing is demoted or
 * refused, so in overload everybody is late together.
 *
 * <p>Settings: {@code chunk_tokens} (256), decodes and prefill tokens of one step.
 */
public final class Edf implements Policy {
    @Override
    public String name() {
        return "edf";
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new LeastLoaded(
                w ->
                        w.request().sloClass().slo().hasTtft()
                                ? w.ttftDeadlineNanos()
                                : w.e2eDeadlineNanos(),
                Sarathi.chunkTokens(this, config));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new ChunkedPrefill(
                Sarathi.chunkTokens(this, config),
                Comparator.comparingLong(Edf::deadlineNanos)
                        .thenComparingLong(SequenceView::arrivalNanos),
                false);
    }

    private static long deadlineNanos(SequenceView s) {
        long allowed = s.slo().hasTtft() ? s.slo().ttftNanos() : s.slo().e2eNanos();
        return allowed == Slo.NONE ? Slo.NONE : s.arrivalNanos() + allowed;
    }
}
