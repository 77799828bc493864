package io.hfx.scheduler.policy;

import java.util.List;

/**
 * A request that a worker has started, as the dispatcher knows it.
 *
 * @param waiting what it was when it was bound: counts, objectives, arrival
 * @param startedNanos when its start was reported, on the driver's clock
 * @param generated output tokens of each sequence by the last report, {@code Progress.ENDED} for
 *     one that is complete; empty unless {@link StepPolicy#tellsProgress()}, and before its first
 *     token
 * @param movable whether it may be migrated: it is not on its way already and its client is there
 */
public record Running(
        Waiting waiting, long startedNanos, List<Integer> generated, boolean movable) {}
