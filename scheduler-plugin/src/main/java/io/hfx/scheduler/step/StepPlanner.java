package io.hfx.scheduler.step;

import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.explain.Decision.What;
import io.hfx.scheduler.explain.Explainer;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.latency.FitError;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.OnlineFit;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerCommand.Cause;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides, step by step, what one worker runs. It alone owns the worker's KV and fits its latency
 * model. A function of events: it holds no clock and does nothing but answer with commands.
 *
 * <p>Not thread-safe: the worker's loop owns an instance.
 */
public final class StepPlanner {
    private final WorkerSpec worker;
    private final StepPolicy policy;
    private final OnlineFit fit;
    private final Roster roster;
    private final StepComposer composer;
    private final Restoring restoring;
    private final Handover handover;
    private final Explainer explainer;
    private final WorkerEvent.Listener listener = new Handler();

    private List<WorkerCommand> commands = new ArrayList<>();
    private long nowNanos;
    private long acknowledged;
    private @Nullable OpenStep running;
    private @Nullable OpenStep suspended;
    private long remainingNanos;

    private final Reporter reporter;
    private final Set<Long> startedRequests = new HashSet<>();

    /** A planner whose decisions nobody hears. */
    public StepPlanner(WorkerSpec worker, StepPolicy policy) {
        this(worker, policy, null);
    }

    /**
     * @param listener hears of decisions before {@link #on} answers; null for none
     */
    public StepPlanner(WorkerSpec worker, StepPolicy policy, Decision.@Nullable Listener listener) {
        this.explainer = new Explainer(listener, () -> nowNanos);
        this.worker = worker;
        this.policy = policy;
        this.fit = new OnlineFit(worker.latency());
        this.roster = new Roster(worker.kv().totalUnits());
        this.composer = new StepComposer(worker, roster);
        this.restoring = new Restoring(worker, roster);
        this.reporter = new Reporter(worker.id(), roster);
        this.handover = new Handover(roster, worker.kv(), reporter);
    }

    /**
     * Takes one event in.
     *
     * @return what the loop is to do, in this order
     * @throws IllegalArgumentException if time goes back
     * @throws IllegalStateException if the event does not fit the state, or the policy asks for the
     *     impossible
     */
    public List<WorkerCommand> on(WorkerEvent event) {
        if (event.atNanos() < nowNanos) {
            throw new IllegalArgumentException(
                    "time went back from " + nowNanos + " to " + event.atNanos());
        }
        nowNanos = event.atNanos();
        commands = new ArrayList<>();
        event.tell(listener);
        return commands;
    }

    /** Whether a step runs: the loop owes a {@code SliceDone} or {@code StepDone}. */
    public boolean isRunning() {
        return running != null;
    }

    /** What the running step is to the latency model; empty where none runs. */
    public StepShape runningShape() {
        return running == null ? StepShape.EMPTY : running.shape();
    }

    /** The latency model as fitted so far. */
    public LatencyModel latency() {
        return fit.model();
    }

    /** How far that model is off, of late. */
    public FitError fitError() {
        return fit.error();
    }

    /** Sequences here that have not ended. */
    public int unfinished() {
        return roster.all().size();
    }

    /** KV units that nobody holds. */
    public long freeKvUnits() {
        return roster.freeKvUnits();
    }

    private final class Handler implements WorkerEvent.Listener {
        @Override
        public void ordered(WorkerEvent.Ordered event) {
            boolean news = false;
            for (WorkerOrder order : event.orders()) {
                news |= take(order);
            }
            if (news) {
                goOnIfIdle();
            }
        }

        @Override
        public void sequenceStopped(WorkerEvent.SequenceStopped event) {
            Sequence sequence = roster.find(event.sequence());
            if (sequence != null) {
                leave(sequence, Cause.STOPPED);
                goOnIfIdle();
            }
        }

        @Override
        public void sliceDone(WorkerEvent.SliceDone event) {
            OpenStep step = requireRunning();
            remainingNanos =
                    step.predictedNanos() * (event.slices() - event.done()) / event.slices();
            StepPolicy.Verdict verdict = verdict(step);
            if (verdict == StepPolicy.Verdict.CONTINUE) {
                commands.add(new WorkerCommand.Proceed());
                return;
            }
            running = null;
            if (verdict == StepPolicy.Verdict.YIELD) {
                suspended = step;
                commands.add(new WorkerCommand.Suspend());
                tellMembers(step, What.SUSPENDED, Reason.URGENT);
            } else {
                commands.add(new WorkerCommand.Abandon());
                tellMembers(step, What.ABANDONED, Reason.URGENT);
                dropLeaving(step);
            }
            compose();
        }

        @Override
        public void stepDone(WorkerEvent.StepDone event) {
            OpenStep step = requireRunning();
            running = null;
            if (event.busyNanos() > 0) {
                fit.learn(step.shape(), event.busyNanos());
            }
            apply(step, Set.copyOf(event.endedByModel()));
            compose();
        }

        @Override
        public void fetched(WorkerEvent.Fetched event) {
            handover.fetched(event.requestId(), event.complete());
            for (Sequence sequence : List.copyOf(roster.group(event.requestId()))) {
                dropIfLeaving(sequence);
            }
            if (!roster.group(event.requestId()).isEmpty()) {
                if (event.complete()) {
                    startedRequests.add(event.requestId());
                    reporter.goingOn(event.requestId());
                } else {
                    handBack(event.requestId());
                }
            }
            reporter.owed();
            goOnIfIdle();
        }

        @Override
        public void cached(WorkerEvent.Cached event) {
            Sequence sequence = roster.find(event.sequence());
            if (sequence != null && isBetter(sequence, event.tokens())) {
                roster.cached(sequence, event.tokens());
            }
        }
    }

    /** Whether that many tokens of a sequence may come from a cache: never all of them. */
    private boolean isBetter(Sequence s, int tokens) {
        return s.phase == Sequence.Phase.WAITING
                && !isOpen(s)
                && tokens > s.cached
                && tokens < s.prefillTarget();
    }

    private void carryOut(WorkerOrder order) {
        if (order instanceof WorkerOrder.Bind bind) {
            bind(bind);
        } else if (order instanceof WorkerOrder.Recall recall) {
            recall(recall.requestId());
        } else if (order instanceof WorkerOrder.Demote demote) {
            roster.group(demote.requestId()).forEach(s -> s.demoted = true);
        } else if (order instanceof WorkerOrder.HandBack back) {
            handover.handBack(back.requestId());
        } else if (order instanceof WorkerOrder.Cancel cancel) {
            leaveAll(cancel.requestId(), Cause.CANCELLED);
        } else if (order instanceof WorkerOrder.Pause pause) {
            handover.pause(pause.requestId());
        } else if (order instanceof WorkerOrder.Resume resume) {
            handover.resume(resume.requestId());
        } else if (order instanceof WorkerOrder.Discard discard) {
            takeOff(discard.requestId(), Cause.MOVED);
        } else if (order instanceof WorkerOrder.Import wanted) {
            commands.addAll(handover.receive(wanted, nowNanos));
        }
    }

    /** Carries an order out, unless it came before; returns whether it was new. */
    private boolean take(WorkerOrder order) {
        if (order.number() <= acknowledged) {
            return false;
        }
        if (order.number() != acknowledged + 1) {
            throw new IllegalStateException(
                    "order " + order.number() + " came after " + acknowledged);
        }
        acknowledged = order.number();
        reporter.owed();
        carryOut(order);
        return true;
    }

    private OpenStep requireRunning() {
        if (running == null) {
            throw new IllegalStateException("no step runs");
        }
        return running;
    }

    private void bind(WorkerOrder.Bind bind) {
        long arrivalNanos = nowNanos - bind.ageNanos();
        for (int i = 0; i < bind.request().sequences(); i++) {
            int generated = bind.generated().isEmpty() ? 0 : bind.generated().get(i);
            if (generated != Progress.ENDED) {
                SequenceKey key = new SequenceKey(bind.request().id(), i);
                roster.add(
                        new Sequence(key, bind.request(), arrivalNanos, bind.demoted(), generated));
            }
        }
        if (roster.group(bind.request().id()).isEmpty()) {
            reporter.ended(bind.request().id());
        }
    }

    private void recall(long requestId) {
        if (!startedRequests.contains(requestId) && !roster.group(requestId).isEmpty()) {
            handBack(requestId);
        }
    }

    private void handBack(long requestId) {
        reporter.handedBack(roster.progress(requestId));
        takeOff(requestId, Cause.HANDED_BACK);
    }

    private void takeOff(long requestId, Cause cause) {
        for (Sequence sequence : List.copyOf(roster.group(requestId))) {
            roster.remove(sequence);
            commands.add(new WorkerCommand.Release(sequence.key(), cause));
        }
        startedRequests.remove(requestId);
    }

    private void leaveAll(long requestId, Cause cause) {
        for (Sequence sequence : List.copyOf(roster.group(requestId))) {
            leave(sequence, cause);
        }
    }

    /** Takes a sequence off now, or when the open step or the transfer that holds it is over. */
    private void leave(Sequence sequence, Cause cause) {
        if (isOpen(sequence) || sequence.phase == Sequence.Phase.ARRIVING) {
            sequence.leaving = cause;
            return;
        }
        if (cause == Cause.ENDED || cause == Cause.LENGTH || cause == Cause.STOPPED) {
            policy.ended(sequence);
        }
        commands.add(new WorkerCommand.Release(sequence.key(), cause));
        if (roster.remove(sequence)) {
            reporter.ended(sequence.request().id());
            startedRequests.remove(sequence.request().id());
        }
    }

    private boolean isOpen(Sequence sequence) {
        return (running != null && running.members().contains(sequence.key()))
                || (suspended != null && suspended.members().contains(sequence.key()));
    }

    /** A step whose every sequence is leaving is not worth finishing. */
    private StepPolicy.Verdict verdict(OpenStep step) {
        if (!isWanted(step)) {
            return StepPolicy.Verdict.ABORT;
        }
        if (!worker.interruptible()) {
            return StepPolicy.Verdict.CONTINUE;
        }
        StepPolicy.Verdict verdict = policy.afterSlice(view(), step.plan(), remainingNanos);
        return verdict == StepPolicy.Verdict.YIELD && suspended != null
                ? StepPolicy.Verdict.CONTINUE
                : verdict;
    }

    private boolean isWanted(OpenStep step) {
        for (SequenceKey key : step.members()) {
            if (roster.get(key).leaving == null) {
                return true;
            }
        }
        return false;
    }

    private void apply(OpenStep step, Set<SequenceKey> endedByModel) {
        for (SequenceKey key : step.plan().decodes()) {
            Sequence s = roster.get(key);
            roster.move(s, Sequence.Phase.DECODING, s.computed + 1, s.generated + 1);
            tokenMade(s, endedByModel);
        }
        for (StepPlan.Chunk chunk : step.plan().chunks()) {
            Sequence s = roster.get(chunk.sequence());
            int computed = s.computed + chunk.tokens();
            if (!chunk.completes()) {
                roster.move(s, Sequence.Phase.PREFILLING, computed, s.generated);
                dropIfLeaving(s);
                continue;
            }
            roster.move(s, Sequence.Phase.DECODING, computed, s.generated + 1);
            tokenMade(s, endedByModel);
            for (SequenceKey fork : chunk.forks()) {
                Sequence f = roster.get(fork);
                roster.move(f, Sequence.Phase.DECODING, computed, 1);
                tokenMade(f, endedByModel);
            }
        }
    }

    private void tokenMade(Sequence s, Set<SequenceKey> endedByModel) {
        if (s.firstTokenNanos < 0) {
            s.firstTokenNanos = nowNanos;
        }
        s.lastTokenNanos = nowNanos;
        if (s.leaving == null && endedByModel.contains(s.key())) {
            s.leaving = Cause.ENDED;
        } else if (s.leaving == null && s.remainingTokens() <= 0) {
            s.leaving = Cause.LENGTH;
        }
        dropIfLeaving(s);
    }

    private void dropLeaving(OpenStep step) {
        for (SequenceKey key : step.members()) {
            Sequence sequence = roster.find(key);
            if (sequence != null) {
                dropIfLeaving(sequence);
            }
        }
    }

    private void dropIfLeaving(Sequence sequence) {
        Cause cause = sequence.leaving;
        if (cause != null) {
            leave(sequence, cause);
        }
    }

    private void goOnIfIdle() {
        if (running == null) {
            compose();
        }
    }

    private void compose() {
        handover.settle(this::isOpen, nowNanos);
        handover.takeBack(this::isOpen).forEach(this::handBack);
        Composition wanted =
                roster.runnable() == 0 && suspended == null
                        ? Composition.IDLE
                        : policy.compose(view());
        wanted.handBack().forEach(this::handBackUnstarted);
        wanted.preempt().forEach(this::preempt);
        if (wanted.resume()) {
            resume();
        } else {
            StepPlan plan = composer.plan(wanted, this::isOpen);
            run(restoring.before(plan, fit.model(), commands));
        }
        report();
    }

    private void handBackUnstarted(long requestId) {
        if (startedRequests.contains(requestId)) {
            throw new IllegalStateException("policy hands back a started request " + requestId);
        }
        handBack(requestId);
    }

    private void preempt(SequenceKey key) {
        Sequence sequence = roster.get(key);
        if (isOpen(sequence)) {
            throw new IllegalStateException("policy preempts a sequence of an open step " + key);
        }
        roster.forget(sequence);
        commands.add(new WorkerCommand.Release(key, Cause.PREEMPTED));
        tell(sequence, What.PREEMPTED, Reason.NO_KV);
    }

    private void resume() {
        OpenStep step = suspended;
        if (step == null) {
            throw new IllegalStateException("policy resumes, but no step is suspended");
        }
        suspended = null;
        running = step;
        commands.add(new WorkerCommand.Resume());
        tellMembers(step, What.RESUMED, null);
    }

    private void tell(Sequence s, What what, @Nullable Reason reason) {
        explainer.tell(s.key().requestId(), what, reason, worker.id(), s.demoted());
    }

    /** Once for each request in a step that still wants it. */
    private void tellMembers(OpenStep step, What what, @Nullable Reason reason) {
        if (!explainer.isHeard()) {
            return;
        }
        Map<Long, Sequence> requests = new TreeMap<>();
        for (SequenceKey key : step.members()) {
            Sequence s = roster.find(key);
            if (s != null && s.leaving == null) {
                requests.putIfAbsent(key.requestId(), s);
            }
        }
        requests.values().forEach(s -> tell(s, what, reason));
    }

    private void run(StepPlan plan) {
        if (plan.isEmpty()) {
            boolean moving = roster.runnable() < roster.all().size();
            if ((roster.runnable() > 0 && !moving) || suspended != null) {
                throw new IllegalStateException(
                        "policy strands " + roster.runnable() + " sequences: it runs nothing");
            }
            remainingNanos = 0;
            return;
        }
        OpenStep step = composer.open(plan, fit.model());
        for (SequenceKey key : step.members()) {
            if (startedRequests.add(key.requestId())) {
                reporter.started(key.requestId());
                tell(roster.get(key), What.STARTED, null);
            }
        }
        running = step;
        remainingNanos = step.predictedNanos();
        commands.add(new WorkerCommand.Run(plan));
    }

    private void report() {
        StepReport report =
                reporter.report(
                        acknowledged,
                        remainingNanos,
                        running != null,
                        policy.tellsProgress(),
                        policy.outlook(),
                        fit);
        if (report != null) {
            commands.add(new WorkerCommand.Report(report));
        }
    }

    private StepView view() {
        return new PlannerView(
                nowNanos, worker, fit.model(), roster, composer, this::isOpen, suspended != null);
    }
}
