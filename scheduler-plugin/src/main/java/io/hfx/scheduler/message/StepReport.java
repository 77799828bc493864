package io.hfx.scheduler.message;

import io.hfx.scheduler.latency.FitError;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.request.WorkerId;
import java.util.List;

/**
 * What a worker tells the dispatcher: at most once a step. Lists hold what happened since the
 * report before.
 *
 * @param worker who reports
 * @param acknowledged highest number of an order that is carried out
 * @param started requests whose first chunk started
 * @param ended requests all of whose sequences ended, cancelled ones included
 * @param handedBack requests that the worker gives back, with what they already have
 * @param paused requests that stopped as ordered and hold their KV until told on
 * @param goingOn requests that were to move and go on here: they stayed, or they arrived
 * @param progress how far the running requests are; empty unless the step policy tells
 * @param load what it holds now
 * @param latency its fitted latency model
 * @param error how far that model was off, of late
 * @param outlook what its step policy tells besides
 */
public record StepReport(
        WorkerId worker,
        long acknowledged,
        List<Long> started,
        List<Long> ended,
        List<Progress> handedBack,
        List<Paused> paused,
        List<Long> goingOn,
        List<Progress> progress,
        Load load,
        LatencyModel latency,
        FitError error,
        Outlook outlook) {
    public StepReport {
        started = List.copyOf(started);
        ended = List.copyOf(ended);
        handedBack = List.copyOf(handedBack);
        paused = List.copyOf(paused);
        goingOn = List.copyOf(goingOn);
        progress = List.copyOf(progress);
    }

    /** The report of a worker that has measured no step, and whose policy tells nothing besides. */
    public StepReport(
            WorkerId worker,
            long acknowledged,
            List<Long> started,
            List<Long> ended,
            List<Progress> handedBack,
            List<Paused> paused,
            List<Long> goingOn,
            List<Progress> progress,
            Load load,
            LatencyModel latency) {
        this(
                worker,
                acknowledged,
                started,
                ended,
                handedBack,
                paused,
                goingOn,
                progress,
                load,
                latency,
                FitError.NONE,
                Outlook.NONE);
    }

    /**
     * What a worker holds.
     *
     * @param sequences that hold KV
     * @param decodes of these, those that decode
     * @param contextTokens tokens in KV
     * @param pendingPrefillTokens prompt tokens still to compute, of started and unstarted requests
     * @param freeKvUnits KV units that nobody holds
     * @param stepRemainingNanos predicted rest of the running step; 0 when idle
     */
    public record Load(
            int sequences,
            int decodes,
            long contextTokens,
            long pendingPrefillTokens,
            long freeKvUnits,
            long stepRemainingNanos) {}
}
