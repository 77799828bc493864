package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.policy.Running;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What a dispatcher knows of one worker: its last report, and what it was told since. */
final class Worker implements WorkerView {
    /** Units of {@link #prefillRate()} in a prompt token a nanosecond. */
    static final double RATE_SCALE = 0x1p44;

    private static final int TYPICAL_PROMPT_TOKENS = 1_024;

    private final WorkerSpec spec;
    private final LongSupplier clock;
    private final Changes changes;
    private final Map<Tracked, Waiting> unstarted = new LinkedHashMap<>();
    private final Collection<Waiting> unstartedView =
            Collections.unmodifiableCollection(unstarted.values());

    private final Unheard unheard = new Unheard();
    private final Set<Tracked> bound = new LinkedHashSet<>();
    private @Nullable StepReport report;
    private long reportedAtNanos;
    private long lastOrder;
    private long unstartedTokens;
    private long unstartedLeftoverTokens;
    private long unstartedKvUnits;
    private Map<Long, List<Integer>> generated = Map.of();
    private long prefillRate;

    /** When what runs here is to go on elsewhere; null unless it leaves. */
    @Nullable Long leavesAtNanos;

    /** Among those that stay, in the order in which they joined; -1 for none of them. */
    int position = -1;

    /** Whether it has told of a change, and nobody has looked since. */
    boolean isChanged;

    /** Whether it has told of a new latency model, and nobody has looked since. */
    boolean isRefitted;

    /** Hears of what others derive from a worker. */
    interface Changes {
        /** Something became known of it; not told again while {@link Worker#isChanged}. */
        void changed(Worker worker);

        /** So many more requests that lost their place lie unstarted on it. */
        void displaced(int more);

        /** It has a new latency model; not told again while {@link Worker#isRefitted}. */
        void refitted(Worker worker);
    }

    /**
     * @param clock time of the event being handled
     */
    Worker(WorkerSpec spec, LongSupplier clock, Changes changes) {
        this.spec = spec;
        this.clock = clock;
        this.changes = changes;
    }

    private void change() {
        if (!isChanged) {
            isChanged = true;
            changes.changed(this);
        }
    }

    boolean isLeaving() {
        return leavesAtNanos != null;
    }

    long nextOrder() {
        return ++lastOrder;
    }

    void bind(Tracked request, long orderNumber) {
        change();
        bound.add(request);
        unstarted.put(request, request.waiting);
        unheard.bind(request, orderNumber);
        countUnstarted(request.waiting, 1);
    }

    private void countUnstarted(Waiting request, int sign) {
        int tokens = sign * request.request().prefillTokens();
        unstartedTokens += tokens;
        unstartedLeftoverTokens += request.leftover() ? tokens : 0;
        unstartedKvUnits += sign * kvCost(request.request());
    }

    /** One that is bound to it lost its place. */
    void demoted(Tracked request) {
        change();
        Waiting before = unstarted.replace(request, request.waiting);
        if (before != null) {
            countUnstarted(before, -1);
            countUnstarted(request.waiting, 1);
        }
    }

    /** One that lost its place stays, and counts as waiting until it starts or leaves. */
    void displaced(Tracked request) {
        request.displaced = true;
        changes.displaced(1);
    }

    /** It was told to take over a started request; its KV counts until the worker has heard. */
    void expect(Tracked request, long orderNumber) {
        change();
        bound.add(request);
        unheard.takeOver(request, orderNumber, kvCost(request.request()));
    }

    void started(Tracked request) {
        Waiting before = unstarted.remove(request);
        if (before != null) {
            change();
            countUnstarted(before, -1);
        }
        if (request.displaced) {
            request.displaced = false;
            changes.displaced(-1);
        }
    }

    void unbind(Tracked request) {
        started(request);
        unheard.remove(request);
        bound.remove(request);
        change();
    }

    void take(StepReport newReport, long atNanos) {
        change();
        if (!isRefitted) {
            isRefitted = true;
            changes.refitted(this);
        }
        report = newReport;
        reportedAtNanos = atNanos;
        unheard.acknowledge(newReport.acknowledged());
        if (!newReport.progress().isEmpty() || !generated.isEmpty()) {
            generated = new HashMap<>();
            newReport.progress().forEach(p -> generated.put(p.requestId(), p.generated()));
        }
    }

    /** Those bound to it, and those on their way here; changes with it. */
    Collection<Tracked> bound() {
        return Collections.unmodifiableCollection(bound);
    }

    /** What it can prefill in some time, as last updated: whole units, so that sums stay exact. */
    long prefillRate() {
        return prefillRate;
    }

    void updatePrefillRate() {
        double rate = RATE_SCALE * promptTokensPerNano(latency());
        prefillRate = Math.round(Math.min(rate, RATE_SCALE));
    }

    /** Prompt tokens that it can take in a nanosecond; of whole requests each counts as one. */
    private double promptTokensPerNano(LatencyModel latency) {
        boolean whole = spec.kind() == WorkerSpec.Kind.WHOLE;
        int tokens = whole ? spec.maxSequences() : TYPICAL_PROMPT_TOKENS;
        int runs = whole ? tokens : 1;
        double pairs = 0.5 * tokens * (tokens / (double) runs);
        long nanos = latency.stepNanos(new StepShape(runs, tokens, pairs, 0, 0));
        return nanos > 0 ? tokens / (double) nanos : 0;
    }

    @Override
    public WorkerSpec spec() {
        return spec;
    }

    @Override
    public Outlook outlook() {
        return report == null ? Outlook.NONE : report.outlook();
    }

    @Override
    public LatencyModel latency() {
        return report == null ? spec.latency() : report.latency();
    }

    @Override
    public Collection<Waiting> unstarted() {
        return unstartedView;
    }

    @Override
    public List<Running> running() {
        List<Running> running = new ArrayList<>();
        for (Tracked request : bound) {
            if (request.started && request.worker == this) {
                List<Integer> tokens = generated.getOrDefault(request.id(), List.of());
                running.add(
                        new Running(
                                request.waiting,
                                request.startedNanos,
                                tokens,
                                request.isMovable()));
            }
        }
        return running;
    }

    @Override
    public long unstartedPrefillTokens() {
        return unstartedTokens;
    }

    @Override
    public long unstartedLeftoverTokens() {
        return unstartedLeftoverTokens;
    }

    @Override
    public long pendingPrefillTokens() {
        return unheard.promptTokens() + (report == null ? 0 : report.load().pendingPrefillTokens());
    }

    @Override
    public int decodes() {
        return report == null ? 0 : report.load().decodes();
    }

    @Override
    public long contextTokens() {
        return report == null ? 0 : report.load().contextTokens();
    }

    @Override
    public int requests() {
        return bound.size();
    }

    @Override
    public long freeKvUnits() {
        long free = report == null ? spec.kv().totalUnits() : report.load().freeKvUnits();
        return free - unstartedKvUnits - unheard.importedKvUnits();
    }

    @Override
    public long stepRemainingNanos() {
        return report == null ? 0 : Math.max(0, stepEndNanos() - clock.getAsLong());
    }

    @Override
    public long stepEndNanos() {
        return report == null
                ? Long.MIN_VALUE
                : reportedAtNanos + report.load().stepRemainingNanos();
    }
}
