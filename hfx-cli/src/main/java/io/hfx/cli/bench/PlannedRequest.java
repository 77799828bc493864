package io.hfx.cli.bench;

import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.workload.Arrival;

/**
 * One request before it is sent.
 *
 * @param index its place in the workload, from 0
 * @param arrival when it is due and how long it is
 * @param sloClass the objectives it is judged by
 * @param manner how its client behaves
 */
public record PlannedRequest(int index, Arrival arrival, SloClass sloClass, Manner manner) {
    /** One whose client waits for the whole answer. */
    public PlannedRequest(int index, Arrival arrival, SloClass sloClass) {
        this(index, arrival, sloClass, Manner.PATIENT);
    }
}
