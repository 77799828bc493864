package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.Gauges.Cost;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.KvGauges;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.RequestSpec;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * By what the policy finds workers: their backlog, their leftover work, and how fast they prefill
 * beside what decodes there.
 */
final class HfxGauges implements Gauges {
    /** Only so many prompt tokens count as backlog. */
    private static final long MOST_BACKLOG_TOKENS = 1 << 20;

    private static final int STEP_END_NANOS = 0;
    private static final int BACKLOG_NANOS = 1;
    private static final int LEFTOVER_TOKENS = 2;
    private static final int MINUS_UNSTARTED = 3;
    private static final int MINUS_STARTED = 4;
    private static final int REQUESTS = 5;
    private static final int RUN_NANOS = 6;
    private static final int TOKEN_NANOS = 7;
    private static final int PAIR_NANOS = 8;
    private static final int DECODE_STEP_NANOS = 9;
    private static final int KV = 10;

    private static final HfxGauges GAUGES = new HfxGauges();

    private HfxGauges() {}

    @Override
    public int count() {
        return KV + KvGauges.COUNT;
    }

    @Override
    public void read(WorkerView worker, double[] into, int at) {
        LatencyModel latency = worker.latency();
        int unstarted = worker.unstarted().size();
        into[at + STEP_END_NANOS] = worker.stepEndNanos();
        into[at + BACKLOG_NANOS] = backlogNanos(worker) + worker.requests();
        into[at + LEFTOVER_TOKENS] = worker.unstartedLeftoverTokens();
        into[at + MINUS_UNSTARTED] = -unstarted;
        into[at + MINUS_STARTED] = unstarted - worker.requests();
        into[at + REQUESTS] = worker.requests();
        into[at + RUN_NANOS] = latency.baseNanos() + latency.runNanos();
        into[at + TOKEN_NANOS] = latency.tokenNanos();
        into[at + PAIR_NANOS] = latency.pairNanos();
        into[at + DECODE_STEP_NANOS] = latency.stepNanos(Workers.decodes(worker));
        KvGauges.read(worker, into, at + KV);
    }

    private static long backlogNanos(WorkerView worker) {
        long tokens = Math.min(worker.pendingPrefillTokens(), MOST_BACKLOG_TOKENS);
        return worker.latency().prefillNanos(0, (int) tokens);
    }

    /**
     * The worker with the least predicted backlog of those with KV and less than a window of
     * unstarted leftover work; what was admitted counts as little there as on the worker.
     *
     * @param keptUnits of KV that are to stay free there
     */
    static @Nullable WorkerView openToLeftover(
            FleetView fleet, RequestSpec request, int windowTokens, double keptUnits) {
        long nowNanos = fleet.nowNanos();
        Cost backlog =
                (gauges, at) -> {
                    boolean open =
                            gauges[at + LEFTOVER_TOKENS] < windowTokens
                                    && KvGauges.hasRoom(request, keptUnits, gauges, at + KV);
                    return open ? backlogNanos(gauges, at, nowNanos) : Cost.NEVER;
                };
        return fleet.least(GAUGES, backlog);
    }

    /**
     * Asks about workers with KV for a request, with the least backlog first.
     *
     * @param keptUnits of KV that are to stay free there
     */
    static @Nullable WorkerView leastBacklogWithKv(
            FleetView fleet, RequestSpec request, double keptUnits, Predicate<WorkerView> passes) {
        long nowNanos = fleet.nowNanos();
        Cost backlog =
                (gauges, at) ->
                        KvGauges.hasRoom(request, keptUnits, gauges, at + KV)
                                ? backlogNanos(gauges, at, nowNanos)
                                : Cost.NEVER;
        return fleet.least(GAUGES, backlog, passes);
    }

    /** The same of all workers. */
    static @Nullable WorkerView leastBacklog(FleetView fleet, Predicate<WorkerView> passes) {
        long nowNanos = fleet.nowNanos();
        return fleet.least(GAUGES, (gauges, at) -> backlogNanos(gauges, at, nowNanos), passes);
    }

    private static double backlogNanos(double[] gauges, int at, long nowNanos) {
        return Math.max(0, gauges[at + STEP_END_NANOS] - nowNanos) + gauges[at + BACKLOG_NANOS];
    }

    /** The worker that prefills so many tokens fastest beside its decodes. */
    static @Nullable WorkerView fastest(FleetView fleet, int tokens) {
        return fleet.least(GAUGES, prefillNanos(tokens));
    }

    /** Whether a worker prefills so many tokens within a time, beside its decodes. */
    static boolean canPrefill(FleetView fleet, int tokens, long withinNanos) {
        Cost nanos = prefillNanos(tokens);
        Cost inTime =
                (gauges, at) -> Math.round(nanos.of(gauges, at)) <= withinNanos ? 0 : Cost.NEVER;
        return fleet.least(GAUGES, inTime) != null;
    }

    /** As {@link Deadlines#prefillNanos}, for a prompt of which nothing is computed yet. */
    private static Cost prefillNanos(int tokens) {
        double pairs = 0.5 * tokens * (double) tokens;
        return (gauges, at) ->
                gauges[at + RUN_NANOS]
                        + tokens * gauges[at + TOKEN_NANOS]
                        + pairs * gauges[at + PAIR_NANOS]
                        + gauges[at + DECODE_STEP_NANOS];
    }

    /** Whether a worker has nothing to do. */
    static boolean isAnyIdle(FleetView fleet) {
        return fleet.least(GAUGES, (gauges, at) -> gauges[at + REQUESTS] == 0 ? 0 : Cost.NEVER)
                != null;
    }

    /** The workers that run something while more of theirs has not started. */
    static List<WorkerView> withMoreThanTheyRun(FleetView fleet) {
        return fleet.those(
                GAUGES,
                (gauges, at) ->
                        gauges[at + MINUS_UNSTARTED] < 0 && gauges[at + MINUS_STARTED] < 0
                                ? 0
                                : Cost.NEVER);
    }
}
