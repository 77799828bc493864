package io.hfx.simulator.fidelity;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.simulator.fleet.StepTimes;
import io.hfx.simulator.profile.StepRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Gives steps the times that one live worker had at the same moment: the recorded step that began
 * nearest to it tells how much longer than the model's mean steps took then. A step of the same
 * shape takes exactly what was recorded. What is left of an error is then not the machine's. Ours.
 */
final class StepReplay implements StepTimes {
    private final LatencyModel model;
    private final List<StepRecord> steps;
    private final long originEpochNanos;
    private int nearest;

    /**
     * @param recorded steps of that worker, at least one
     * @param originEpochNanos when virtual time was 0
     */
    StepReplay(LatencyModel model, List<StepRecord> recorded, long originEpochNanos) {
        this.model = model;
        this.steps = new ArrayList<>(recorded);
        steps.sort(Comparator.comparingLong(StepRecord::startEpochNanos));
        this.originEpochNanos = originEpochNanos;
    }

    @Override
    public Taken at(long nowNanos, StepShape shape) {
        long atNanos = originEpochNanos + nowNanos;
        while (nearest + 1 < steps.size() && gap(nearest + 1, atNanos) <= gap(nearest, atNanos)) {
            nearest++;
        }
        StepRecord step = steps.get(nearest);
        double factor = (double) step.nanos() / Math.max(1, model.stepNanos(step.shape()));
        long nanos =
                shape.equals(step.shape())
                        ? step.nanos()
                        : Math.max(1, Math.round(model.stepNanos(shape) * factor));
        return new Taken(nanos, Math.max(0, step.overheadNanos()));
    }

    private long gap(int step, long atNanos) {
        return Math.abs(steps.get(step).startEpochNanos() - atNanos);
    }
}
