package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tenants' turns in the central queue; the rest is the inner policy's. */
final class VtcFleet implements FleetPolicy {
    private final FleetPolicy inner;
    private final double inputWeight;
    private final double outputWeight;
    private final double quantum;
    private final VtcCounters counters = new VtcCounters();

    /** The line of each request that waits. */
    private final Map<Long, String> lines = new HashMap<>();

    /** Requests that are bound and whose prompt was charged. */
    private final Set<Long> charged = new HashSet<>();

    /** Of these the one that left last: if it comes back it is ranked at once. */
    private long lastLeft = Long.MIN_VALUE;

    VtcFleet(FleetPolicy inner, double inputWeight, double outputWeight, double quantum) {
        this.inner = inner;
        this.inputWeight = inputWeight;
        this.outputWeight = outputWeight;
        this.quantum = quantum;
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        long id = request.request().id();
        if (id == lastLeft) {
            charged.add(id);
        }
        lines.put(id, counters.waits(request.request().tenant()));
        return inner.rank(request, fleet);
    }

    @Override
    public String line(Waiting request) {
        return lines.getOrDefault(request.request().id(), VtcCounters.OTHERS);
    }

    @Override
    public double turn(String line) {
        double served = counters.served(line);
        return quantum > 0 ? Math.floor(served / quantum) : served;
    }

    @Override
    public void gone(Waiting request) {
        waitsNoLonger(request.request().id());
        charged.remove(request.request().id());
        inner.gone(request);
    }

    @Override
    public void bound(Waiting request, WorkerView worker) {
        String line = waitsNoLonger(request.request().id());
        if (charged.add(request.request().id())) {
            counters.charge(line, inputWeight * request.request().prefillTokens());
        }
        inner.bound(request, worker);
    }

    /** Returns its line; one that moved from worker to worker did not wait. */
    private String waitsNoLonger(long id) {
        String line = lines.remove(id);
        if (line == null) {
            return VtcCounters.OTHERS;
        }
        counters.waitsNoLonger(line);
        return line;
    }

    @Override
    public void left(Waiting request, WorkerView worker) {
        lastLeft = request.request().id();
        charged.remove(lastLeft);
        inner.left(request, worker);
    }

    @Override
    public void started(Waiting request, WorkerView worker) {
        inner.started(request, worker);
    }

    @Override
    public void reported(WorkerView worker) {
        worker.outlook()
                .outputTokens()
                .forEach((tenant, tokens) -> counters.charge(tenant, outputWeight * tokens));
        inner.reported(worker);
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        Route route = inner.route(request, fleet);
        // the lines here are tenants, not those that the inner policy means
        return route instanceof Route.CloseLine line ? new Route.Hold(line.waits()) : route;
    }

    @Override
    public int favouredLane(FleetView fleet) {
        return inner.favouredLane(fleet);
    }

    @Override
    public long reviewAtNanos(Waiting request, FleetView fleet) {
        return inner.reviewAtNanos(request, fleet);
    }

    @Override
    public List<Long> recalls(FleetView fleet) {
        return inner.recalls(fleet);
    }

    @Override
    public List<Migration> migrations(FleetView fleet) {
        return inner.migrations(fleet);
    }
}
