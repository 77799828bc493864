package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.WorkerId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A policy hears of every binding and of every leaving, each once and in turn, whatever happens:
 * the sums that policies keep depend on it.
 */
class BoundAndLeftTest {
    private static final KvBudget KV = new KvBudget.Blocks(400, 16, 2_048);

    @Test
    void whatIsBoundLeavesOnceWithMovesCancelsAndALostWorker() {
        for (long seed = 1; seed <= 6; seed++) {
            Ledger ledger = new Ledger(new Wanderer(seed));
            SimSettings settings =
                    Scenarios.settings(
                            ledger,
                            Scenarios.workers(3, KV),
                            new StepTiming(Scenarios.TRUTH, 0.1, 0, 8),
                            seed);
            new SimFleet(settings, SimFleet.Log.NONE)
                    .loseWorkerAt(4_000 * Scenarios.MS, new WorkerId("worker-1"))
                    .run(Scenarios.wild(150, 10, seed));
            assertEquals(Map.of(), ledger.at, "seed " + seed);
            assertTrue(ledger.bindings > 150, "some were bound again, seed " + seed);
        }
    }

    /** Serves as another policy does, and keeps count. */
    private static final class Ledger implements Policy {
        private final Policy inner;
        private final Map<Long, WorkerId> at = new HashMap<>();
        private int bindings;

        Ledger(Policy inner) {
            this.inner = inner;
        }

        @Override
        public String name() {
            return "ledger";
        }

        @Override
        public Set<Capability> requires() {
            return inner.requires();
        }

        @Override
        public StepPolicy step(PolicyConfig config) {
            return inner.step(config);
        }

        @Override
        public FleetPolicy fleet(PolicyConfig config) {
            FleetPolicy fleet = inner.fleet(config);
            return new FleetPolicy() {
                @Override
                public Rank rank(Waiting request, FleetView view) {
                    return fleet.rank(request, view);
                }

                @Override
                public Route route(Waiting request, FleetView view) {
                    return fleet.route(request, view);
                }

                @Override
                public List<Migration> migrations(FleetView view) {
                    return fleet.migrations(view);
                }

                @Override
                public void bound(Waiting request, WorkerView worker) {
                    bindings++;
                    assertNull(at.put(request.request().id(), worker.spec().id()), "bound twice");
                }

                @Override
                public void left(Waiting request, WorkerView worker) {
                    assertEquals(worker.spec().id(), at.remove(request.request().id()), "left");
                }
            };
        }
    }
}
