package io.hfx.scheduler.policy.whole;

import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.Gauges.Cost;
import io.hfx.scheduler.policy.WorkerView;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** By what the policy finds workers. */
final class BatchGauges implements Gauges {
    private static final BatchGauges GAUGES = new BatchGauges();

    private static final int REQUESTS = 0;
    private static final int NOT_FORMING = 1;
    private static final int LONE_NANOS = 2;

    private BatchGauges() {}

    @Override
    public int count() {
        return 3;
    }

    @Override
    public void read(WorkerView worker, double[] into, int at) {
        int members = worker.unstarted().size();
        boolean idle = members == worker.requests();
        boolean forming = idle && members > 0 && members < worker.spec().maxSequences();
        into[at + REQUESTS] = worker.requests();
        into[at + NOT_FORMING] = forming ? 0 : 1;
        into[at + LONE_NANOS] = BatchForming.nanos(worker.latency(), 1);
    }

    /** The first worker that has nothing. */
    static @Nullable WorkerView idle(FleetView fleet) {
        return fleet.least(GAUGES, (gauges, at) -> gauges[at + REQUESTS] == 0 ? 0 : Cost.NEVER);
    }

    /** The first idle worker that passes and whose batch has members, but not all it can have. */
    static @Nullable WorkerView forming(FleetView fleet, Predicate<WorkerView> passes) {
        return fleet.least(
                GAUGES, (gauges, at) -> gauges[at + NOT_FORMING] == 0 ? 0 : Cost.NEVER, passes);
    }

    /** The worker that runs a lone request fastest. */
    static @Nullable WorkerView fastest(FleetView fleet) {
        return fleet.least(GAUGES, (gauges, at) -> gauges[at + LONE_NANOS]);
    }
}
