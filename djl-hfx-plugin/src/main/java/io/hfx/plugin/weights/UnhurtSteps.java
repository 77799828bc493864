package io.hfx.plugin.weights;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.step.StepTime;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Knows how long the steps of one worker take while nothing is given away: what its latency model
 * predicts, times how far the last measured steps were off. While weights move, model and factor
 * stay as they were before, as the model would learn the hurt within some tens of steps. Holds no
 * clock; one thread.
 */
final class UnhurtSteps {
    /** Steps that make a past. */
    static final int PAST_STEPS = 32;

    private static final double WEIGHT = 1.0 / PAST_STEPS;

    /** A stall of the machine counts as this much. */
    private static final double CLIP = 3;

    private double factor = 1;
    private int pastSteps;
    private @Nullable LatencyModel frozen;

    /**
     * Takes a step in.
     *
     * @param giving whether weights moved while it ran
     * @return how long it took to how long it would have taken unhurt; empty while nothing is given
     *     away, and of a worker without a past, whose first steps become its past
     */
    OptionalDouble slowdown(StepTime step, boolean giving) {
        if (!giving) {
            frozen = null;
        }
        if (!giving || pastSteps < PAST_STEPS) {
            pastSteps = Math.min(pastSteps + 1, PAST_STEPS);
            double weight = Math.max(WEIGHT, 1.0 / pastSteps);
            factor += weight * (clipped(step, step.model(), 1) - factor);
            return OptionalDouble.empty();
        }
        if (frozen == null) {
            frozen = step.model();
        }
        return OptionalDouble.of(clipped(step, frozen, factor));
    }

    private static double clipped(StepTime step, LatencyModel model, double factor) {
        double expectedNanos = Math.max(1, model.stepNanos(step.shape()) * factor);
        return Math.max(1 / CLIP, Math.min(step.busyNanos() / expectedNanos, CLIP));
    }
}
