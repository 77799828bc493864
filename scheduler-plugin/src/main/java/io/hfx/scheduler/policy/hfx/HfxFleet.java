package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The dispatcher's half of the HFX policy. */
final class HfxFleet implements FleetPolicy {
    /** Workers that are tried for one request. */
    private static final int MOST_TRIED = 16;

    private final HfxSettings settings;
    private final Admission admission;
    private final KvDemand kv;

    HfxFleet(HfxSettings settings) {
        this.settings = settings;
        this.kv = new KvDemand(settings.kvReserve());
        this.admission = new Admission(settings, kv);
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        int priority = request.request().priority();
        long dueNanos = dueNanos(request, fleet);
        if (request.demoted() || dueNanos == Slo.NONE) {
            return new Rank(Hfx.LEFTOVER, priority, request.arrivalNanos());
        }
        if (!fleet.workers().isEmpty() && !request.begun()) {
            admission.comes(request.request(), fleet.workers().get(0), fleet.nowNanos());
        }
        return new Rank(Hfx.ON_TIME, priority, dueNanos);
    }

    /** One for each class, so that those who leave room hold up nobody else; leftover is FIFO. */
    @Override
    public String line(Waiting request) {
        return request.demoted() ? "" : request.request().sloClass().name();
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        kv.at(fleet.nowNanos());
        long dueNanos = request.demoted() ? Slo.NONE : dueNanos(request, fleet);
        if (dueNanos == Slo.NONE) {
            WorkerView open =
                    HfxGauges.openToLeftover(
                            fleet,
                            request.request(),
                            settings.windowTokens(),
                            kept(request, fleet));
            return bindOrWait(open, Reason.LEFTOVER, Reason.BUSY);
        }
        if (request.begun()) {
            WorkerView withKv =
                    HfxGauges.leastBacklogWithKv(fleet, request.request(), 0, w -> true);
            return bindOrWait(withKv, Reason.BEGUN, Reason.NO_KV);
        }
        return isLate(request, dueNanos, fleet)
                ? miss(request, Reason.LATE, dueNanos)
                : admit(request, dueNanos, fleet);
    }

    private static Route bindOrWait(@Nullable WorkerView worker, Reason binds, Reason waits) {
        return worker == null
                ? new Route.CloseLane(waits)
                : new Route.Bind(worker.spec().id(), binds, Forecast.NONE);
    }

    private double kept(Waiting request, FleetView fleet) {
        return kv.kept(request, Math.max(1, fleet.workers().size()));
    }

    /**
     * To the worker where its first token is soonest, of those that have KV and can admit it. Where
     * only KV is missing it waits; where nobody could admit it now, it is late.
     */
    private Route admit(Waiting request, long dueNanos, FleetView fleet) {
        Trial withKv = new Trial(request, dueNanos, fleet);
        double kept = kept(request, fleet);
        HfxGauges.leastBacklogWithKv(fleet, request.request(), kept, withKv::isEnough);
        if (withKv.best != null) {
            wantsKv(request, withKv.best);
            long firstNanos = fleet.nowNanos() + Math.round(withKv.bestNanos);
            return new Route.Bind(
                    withKv.best.spec().id(), Reason.IN_TIME, new Forecast(firstNanos, dueNanos));
        }
        boolean triedAll = withKv.tried == fleet.workers().size();
        WorkerView other = triedAll ? null : admittedBy(request, dueNanos, fleet);
        if (other != null) {
            wantsKv(request, other);
            return kept > 0
                    ? new Route.CloseLine(Reason.KV_KEPT)
                    : new Route.CloseLane(Reason.NO_KV);
        }
        return settings.displace() == 0
                ? miss(request, Reason.NO_ROOM, dueNanos)
                : displace(request, dueNanos, fleet);
    }

    /** A worker that would admit it if it had KV for it. */
    private @Nullable WorkerView admittedBy(Waiting request, long dueNanos, FleetView fleet) {
        Trial any = new Trial(request, dueNanos, fleet);
        HfxGauges.leastBacklog(fleet, worker -> any.isEnough(worker) || any.best != null);
        return any.best;
    }

    private void wantsKv(Waiting request, WorkerView worker) {
        kv.wants(request, worker, Admission.workNanos(worker, request.request()));
    }

    /** In the place of another that is much more work, on one of the same workers. */
    private Route displace(Waiting request, long dueNanos, FleetView fleet) {
        Exchange exchange = new Exchange(request, dueNanos, fleet);
        HfxGauges.leastBacklogWithKv(fleet, request.request(), 0, exchange::isEnough);
        WorkerView worker = exchange.worker;
        Waiting displaced = exchange.displaced;
        if (worker == null || displaced == null) {
            return miss(request, Reason.NO_ROOM, dueNanos);
        }
        admission.displaced(displaced, worker);
        kv.displaced(displaced);
        return new Route.Bind(
                worker.spec().id(),
                Reason.DISPLACES,
                Forecast.due(dueNanos),
                List.of(displaced.request().id()));
    }

    /** Looks for the most work that a request can take the place of. */
    private final class Exchange {
        private final Waiting request;
        private final long dueNanos;
        private final FleetView fleet;
        private @Nullable WorkerView worker;
        private @Nullable Waiting displaced;
        private double costNanos;
        private int tried;

        Exchange(Waiting request, long dueNanos, FleetView fleet) {
            this.request = request;
            this.dueNanos = dueNanos;
            this.fleet = fleet;
        }

        boolean isEnough(WorkerView candidate) {
            Waiting other = admission.displacedBy(request, dueNanos, candidate, fleet);
            double cost = other == null ? 0 : admission.costNanos(candidate, other.request());
            if (other != null && cost > costNanos) {
                worker = candidate;
                displaced = other;
                costNanos = cost;
            }
            return ++tried >= MOST_TRIED;
        }
    }

    private static Route miss(Waiting request, Reason reason, long dueNanos) {
        return request.request().sloClass().onMiss() == OnMiss.REJECT
                ? new Route.Refuse(RefusalReason.SLO_OUT_OF_REACH)
                : new Route.Demote(reason, Forecast.due(dueNanos));
    }

    /** Tries workers for a request. */
    private final class Trial {
        private final Waiting request;
        private final long dueNanos;
        private final FleetView fleet;
        private @Nullable WorkerView best;
        private double bestNanos = Admission.NEVER;
        private int tried;

        Trial(Waiting request, long dueNanos, FleetView fleet) {
            this.request = request;
            this.dueNanos = dueNanos;
            this.fleet = fleet;
        }

        /** Tries one more; returns whether that is enough. */
        boolean isEnough(WorkerView worker) {
            if (tried++ < MOST_TRIED) {
                double nanos = admission.firstTokenNanos(request, dueNanos, worker, fleet);
                if (nanos < bestNanos) {
                    best = worker;
                    bestNanos = nanos;
                }
            }
            return tried >= MOST_TRIED;
        }
    }

    /** One nanosecond after the last moment at which it could still make it. */
    @Override
    public long reviewAtNanos(Waiting request, FleetView fleet) {
        long dueNanos = request.demoted() ? Slo.NONE : dueNanos(request, fleet);
        if (dueNanos == Slo.NONE || fleet.workers().isEmpty()) {
            return Long.MAX_VALUE;
        }
        return dueNanos - fastestPrefillNanos(request, fleet) + 1;
    }

    @Override
    public void gone(Waiting request) {
        kv.gone(request);
    }

    @Override
    public void bound(Waiting request, WorkerView worker) {
        admission.bound(request, worker);
        kv.bound(request);
    }

    @Override
    public void started(Waiting request, WorkerView worker) {
        admission.started(request, worker);
    }

    @Override
    public void left(Waiting request, WorkerView worker) {
        admission.left(request, worker);
        kv.left(request);
    }

    @Override
    public void reported(WorkerView worker) {
        admission.reported(worker);
    }

    /** Work that lies unstarted on one worker while another is idle comes back. */
    @Override
    public List<Long> recalls(FleetView fleet) {
        boolean nothingWaits = fleet.waiting(Hfx.ON_TIME) == 0 && fleet.waiting(Hfx.LEFTOVER) == 0;
        if (!nothingWaits || !HfxGauges.isAnyIdle(fleet)) {
            return List.of();
        }
        List<Long> recalls = new ArrayList<>();
        for (WorkerView worker : HfxGauges.withMoreThanTheyRun(fleet)) {
            worker.unstarted().forEach(w -> recalls.add(w.request().id()));
        }
        return recalls;
    }

    /** Whether no worker can make its first token any more, even if it starts now. */
    private static boolean isLate(Waiting request, long dueNanos, FleetView fleet) {
        return !fleet.workers().isEmpty()
                && !HfxGauges.canPrefill(
                        fleet,
                        request.request().longestPrefillTokens(),
                        dueNanos - fleet.nowNanos());
    }

    /** Prefill of its longest prompt beside the decodes of the worker where that is fastest. */
    private static long fastestPrefillNanos(Waiting request, FleetView fleet) {
        int tokens = request.request().longestPrefillTokens();
        WorkerView fastest = HfxGauges.fastest(fleet, tokens);
        return fastest == null ? 0 : prefillNanos(fastest, tokens);
    }

    private static long prefillNanos(WorkerView worker, int tokens) {
        return Deadlines.prefillNanos(worker.latency(), tokens, Workers.decodes(worker));
    }

    private static long dueNanos(Waiting request, FleetView fleet) {
        return fleet.workers().isEmpty()
                ? request.ttftDeadlineNanos()
                : Admission.dueNanos(request, fleet.workers().get(0));
    }
}
