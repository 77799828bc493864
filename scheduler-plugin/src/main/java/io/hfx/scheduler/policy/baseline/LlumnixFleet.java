package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Running;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Llumnix's dispatching and migration by freeness. */
final class LlumnixFleet implements FleetPolicy {
    /** The longest output so far moves last, and priority counts before length. */
    private static final Comparator<Running> MOVES_FIRST =
            Comparator.comparingInt((Running r) -> -r.waiting().request().priority())
                    .thenComparingLong(LlumnixFleet::tokens)
                    .thenComparingLong(r -> r.waiting().request().id());

    private final double outBelowSteps;
    private final double inAboveSteps;
    private final long intervalNanos;
    private final double headroom;
    private final Map<WorkerId, Integer> highPriority = new HashMap<>();
    private long nextLookNanos;

    LlumnixFleet(double outBelowSteps, double inAboveSteps, long intervalNanos, double headroom) {
        this.outBelowSteps = outBelowSteps;
        this.inAboveSteps = inAboveSteps;
        this.intervalNanos = intervalNanos;
        this.headroom = headroom;
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        return new Rank(0, request.request().priority(), request.arrivalNanos());
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        WorkerView best = null;
        double most = Double.NEGATIVE_INFINITY;
        for (WorkerView worker : fleet.workers()) {
            double freeness = freeness(worker);
            if (freeness > most && Workers.queues(worker, request.request())) {
                best = worker;
                most = freeness;
            }
        }
        return Common.bindOrHold(best);
    }

    /** Steps until the KV of a worker is full; tokens that it lacks, below 0, where it is. */
    double freeness(WorkerView worker) {
        KvBudget kv = worker.spec().kv();
        int longest = kv.maxSequenceTokens();
        double unitTokens = (double) longest / kv.cost(longest);
        boolean keepsRoom = highPriority.getOrDefault(worker.spec().id(), 0) > 0;
        double reserved = keepsRoom ? headroom * kv.totalUnits() : 0;
        double freeTokens = (worker.freeKvUnits() - reserved) * unitTokens;
        return freeTokens < 0 ? freeTokens : freeTokens / Math.max(1, worker.requests());
    }

    /** Pairs the least free worker with the freest, the next with the next, one request each. */
    @Override
    public List<Migration> migrations(FleetView fleet) {
        List<Migration> moves = new ArrayList<>();
        if (fleet.nowNanos() < nextLookNanos) {
            return moves;
        }
        nextLookNanos = fleet.nowNanos() + intervalNanos;
        List<WorkerView> byFreeness = new ArrayList<>(fleet.workers());
        byFreeness.sort(Comparator.comparingDouble(this::freeness));
        Deque<WorkerView> left = new ArrayDeque<>(byFreeness);
        while (left.size() >= 2) {
            WorkerView from = left.removeFirst();
            WorkerView to = left.removeLast();
            if (freeness(from) >= outBelowSteps || freeness(to) <= inAboveSteps) {
                break;
            }
            Running chosen = choose(from, to);
            if (chosen != null) {
                moves.add(new Migration(chosen.waiting().request().id(), to.spec().id()));
            }
        }
        return moves;
    }

    private static @Nullable Running choose(WorkerView from, WorkerView to) {
        Running best = null;
        for (Running r : from.running()) {
            boolean canMove =
                    r.movable() && !r.generated().isEmpty() && to.hasKvFor(r.waiting().request());
            if (canMove && (best == null || MOVES_FIRST.compare(r, best) < 0)) {
                best = r;
            }
        }
        return best;
    }

    private static long tokens(Running r) {
        RequestSpec request = r.waiting().request();
        long tokens = (long) request.totalPromptTokens() * request.choices();
        for (int n : r.generated()) {
            tokens += Math.max(0, n);
        }
        return tokens;
    }

    @Override
    public void bound(Waiting request, WorkerView worker) {
        if (request.request().priority() < RequestSpec.DEFAULT_PRIORITY) {
            highPriority.merge(worker.spec().id(), 1, Integer::sum);
        }
    }

    @Override
    public void left(Waiting request, WorkerView worker) {
        if (request.request().priority() < RequestSpec.DEFAULT_PRIORITY) {
            highPriority.merge(worker.spec().id(), -1, Integer::sum);
        }
    }
}
