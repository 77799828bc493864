package io.hfx.scheduler.step;

import io.hfx.scheduler.latency.OnlineFit;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.message.Paused;
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
    private final List<Paused> paused = new ArrayList<>();
    private final List<Long> goingOn = new ArrayList<>();
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

    void paused(Paused request) {
        paused.add(request);
    }

    void goingOn(long requestId) {
        goingOn.add(requestId);
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
     * @param tellsProgress whether to say how far each request is
     * @param outlook what the step policy tells
     * @param fit of the worker's latency model
     */
    @Nullable StepReport report(
            long acknowledged,
            long remainingNanos,
            boolean running,
            boolean tellsProgress,
            Outlook outlook,
            OnlineFit fit) {
        boolean news =
                !(ended.isEmpty() && handedBack.isEmpty() && paused.isEmpty() && goingOn.isEmpty());
        if (!owed && !running && !news) {
            return null;
        }
        int decodes = roster.count(Sequence.Phase.DECODING);
        int moving = roster.count(Sequence.Phase.PAUSED) + roster.count(Sequence.Phase.ARRIVING);
        StepReport.Load load =
                new StepReport.Load(
                        decodes + moving + roster.count(Sequence.Phase.PREFILLING),
                        decodes,
                        roster.contextTokens(),
                        roster.pendingPrefillTokens(),
                        roster.freeKvUnits(),
                        remainingNanos);
        StepReport report =
                new StepReport(
                        worker,
                        acknowledged,
                        drained(started),
                        drained(ended),
                        drained(handedBack),
                        drained(paused),
                        drained(goingOn),
                        tellsProgress ? roster.progress() : List.of(),
                        load,
                        fit.model(),
                        fit.error(),
                        outlook);
        owed = false;
        return report;
    }

    private static <T> List<T> drained(List<T> list) {
        if (list.isEmpty()) {
            return List.of();
        }
        List<T> all = List.copyOf(list);
        list.clear();
        return all;
    }
}
