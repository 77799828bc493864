package io.hfx.scheduler.step;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.request.WorkerId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers what the dispatcher has not heard yet, for one report a step. */
final class Reporter {
    private final WorkerId worker;
    private final Roster roster;
    private final List<Long> started = new ArrayList<>();
    private final List<Long> ended = new ArrayList<>();
    private final List<Progress> handedBack = new ArrayList<>();
    private boolean owed;

    Reporter(WorkerId worker, Roster roster) {
        this.worker = worker;
        this.roster = roster;
    }

    void started(long requestId) {
        started.add(requestId);
    }

    void ended(long requestId) {
        ended.add(requestId);
    }

    void handedBack(Progress progress) {
        handedBack.add(progress);
    }

    /** An order was carried out: the next report is due even if nothing runs. */
    void owed() {
        owed = true;
    }

    /**
     * The report of this step, or null where there is nothing to say.
     *
     * @param acknowledged highest number of an order that is carried out
     * @param remainingNanos predicted rest of the running step
     * @param running whether a step runs
     */
    @Nullable StepReport report(
            long acknowledged, long remainingNanos, boolean running, LatencyModel latency) {
        if (!owed && !running && ended.isEmpty() && handedBack.isEmpty()) {
            return null;
        }
        int decodes = roster.count(Sequence.Phase.DECODING);
        StepReport.Load load =
                new StepReport.Load(
                        decodes + roster.count(Sequence.Phase.PREFILLING),
                        decodes,
                        roster.contextTokens(),
                        roster.pendingPrefillTokens(),
                        roster.freeKvUnits(),
                        remainingNanos);
        StepReport report =
                new StepReport(worker, acknowledged, started, ended, handedBack, load, latency);
        started.clear();
        ended.clear();
        handedBack.clear();
        owed = false;
        return report;
    }
}
