package io.hfx.scheduler.explain;

import io.hfx.scheduler.slo.Slo;

/**
 * What a policy expected of a first token when it decided; instants on the driver's clock.
 *
 * @param firstTokenNanos when it is predicted; {@link Slo#NONE} where the policy predicts none
 * @param dueNanos when it is due; {@link Slo#NONE} where it is not, or the policy does not say
 */
public record Forecast(long firstTokenNanos, long dueNanos) {
    /** Nothing is known. */
    public static final Forecast NONE = new Forecast(Slo.NONE, Slo.NONE);

    /** Only when it is due. */
    public static Forecast due(long dueNanos) {
        return dueNanos == Slo.NONE ? NONE : new Forecast(Slo.NONE, dueNanos);
    }
}
