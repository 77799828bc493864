package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Workers;
import java.util.List;

/**
 * LMetric (OSDI 2026): each request goes when it arrives to the worker with the least product of
 * the prompt tokens that it would have to compute, those of the request included and those that a
 * prefix cache has left out, and of its batch with the request. No weights and no fitted model, so
 * nothing to tune; blind to objectives. Sarathi's steps, first come first served.
 *
 * <p>Differs: workers share one prefix cache, so that a hit shortens a request alike on all of them
 * and there is no worker to prefer for it, and none to keep a popular prefix from.
 */
public final class LMetric implements Policy {
    private static final int PENDING_TOKENS = 0;
    private static final int REQUESTS = 1;

    private static final Gauges GAUGES =
            new Gauges() {
                @Override
                public int count() {
                    return 2;
                }

                @Override
                public void read(WorkerView worker, double[] into, int at) {
                    into[at + PENDING_TOKENS] = worker.pendingPrefillTokens();
                    into[at + REQUESTS] = worker.requests();
                }
            };

    @Override
    public String name() {
        return "lmetric";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        config.allow(this);
        return new Fleet();
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return Common.sarathi(config.allow(this).intOf(Common.CHUNK_TOKENS));
    }

    private static final class Fleet implements FleetPolicy {
        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            return new Rank(0, request.request().priority(), request.arrivalNanos());
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            int own = request.request().prefillTokens();
            WorkerView worker =
                    fleet.least(
                            GAUGES,
                            (gauges, at) ->
                                    (gauges[at + PENDING_TOKENS] + own)
                                            * (gauges[at + REQUESTS] + 1),
                            w -> Workers.queues(w, request.request()));
            return Common.bindOrHold(worker);
        }
    }
}
