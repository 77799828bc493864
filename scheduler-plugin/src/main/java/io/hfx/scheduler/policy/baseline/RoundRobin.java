package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Workers;
import java.util.List;

/**
 * Each request goes to the next worker in the ring when it arrives, and waits there: engines behind
 * a load balancer that knows nothing of them. Sarathi's steps, first come first served. The floor
 * that every router must beat.
 */
public final class RoundRobin implements Policy {
    @Override
    public String name() {
        return "round-robin";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        config.allow(this);
        return new Ring();
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return Common.sarathi(config.allow(this).intOf(Common.CHUNK_TOKENS));
    }

    private static final class Ring implements FleetPolicy {
        private int next;

        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            return new Rank(0, request.request().priority(), request.arrivalNanos());
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            List<WorkerView> workers = fleet.workers();
            for (int i = 0; i < workers.size(); i++) {
                int at = (next + i) % workers.size();
                if (Workers.queues(workers.get(at), request.request())) {
                    next = at + 1;
                    return new Route.Bind(workers.get(at).spec().id());
                }
            }
            return new Route.Hold();
        }
    }
}
