package io.hfx.simulator.fleet;

import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Running;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Serves as Sarathi does, and moves running requests about without any sense. */
record Wanderer(long seed) implements Policy {
    private static final double MOVES_PER_REPORT = 0.1;

    @Override
    public String name() {
        return "wanderer";
    }

    @Override
    public Set<Capability> requires() {
        return Set.of(Capability.MIGRATION);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        FleetPolicy sarathi = Scenarios.policy("sarathi").fleet(config);
        SplittableRandom random = new SplittableRandom(seed);
        return new FleetPolicy() {
            @Override
            public Rank rank(Waiting request, FleetView fleet) {
                return sarathi.rank(request, fleet);
            }

            @Override
            public Route route(Waiting request, FleetView fleet) {
                return sarathi.route(request, fleet);
            }

            @Override
            public List<Migration> migrations(FleetView fleet) {
                List<Migration> moves = new ArrayList<>();
                for (WorkerView from : fleet.workers()) {
                    for (Running running : from.running()) {
                        WorkerView to = fleet.workers().get(random.nextInt(fleet.workers().size()));
                        if (running.movable()
                                && to != from
                                && random.nextDouble() < MOVES_PER_REPORT) {
                            moves.add(
                                    new Migration(
                                            running.waiting().request().id(), to.spec().id()));
                        }
                    }
                }
                return moves;
            }
        };
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        StepPolicy sarathi = Scenarios.policy("sarathi").step(config);
        return new StepPolicy() {
            @Override
            public Composition compose(StepView view) {
                return sarathi.compose(view);
            }

            @Override
            public boolean tellsProgress() {
                return true;
            }
        };
    }
}
