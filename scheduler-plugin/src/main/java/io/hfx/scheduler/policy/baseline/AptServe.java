package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.slo.Slo;
import java.util.List;

/**
 * Apt-Serve (SIGMOD 2025, arXiv 2504.07494): which sequences run is a knapsack in the worker's KV.
 * A sequence is worth the time that it has been waiting for its next token, almost nothing once
 * that is too late, and weighs its KV; those worth most for their weight are taken, and where those
 * that wait are worth more together than those that run, they take the KV of running ones, which
 * are computed again. So KV is given as it is used and not kept for outputs that are still to come.
 *
 * <p>Differs: only KV, for no executor here keeps hidden states in its place (the paper's hybrid
 * cache, half the size for a sequence that is computed in part each step); Sarathi's steps, where
 * the paper has steps of prompts alone; several workers, which take from the central queue up to
 * {@code queue_tokens} of prompts to choose from. A running sequence gives its KV up only to one
 * that has waited longer than it takes to compute that KV again, or the two would take turns.
 */
public final class AptServe implements Policy {
    private static final Setting QUEUE_TOKENS =
            Setting.whole(
                            "queue_tokens",
                            2_048,
                            16,
                            1 << 20,
                            "unstarted prompt tokens that a worker has to choose from")
                    .searched(256, 8_192);

    @Override
    public String name() {
        return "apt-serve";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS, QUEUE_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new Fleet(config.allow(this).intOf(QUEUE_TOKENS));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new AptServeStep(config.allow(this).intOf(Common.CHUNK_TOKENS));
    }

    /** In order of arrival to the least loaded worker that can hold it at all; the late last. */
    private record Fleet(int queueTokens) implements FleetPolicy {
        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            boolean last = request.leftover();
            return new Rank(last ? 1 : 0, request.request().priority(), request.arrivalNanos());
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            long dueNanos = Due.firstTokenNanos(request, 0);
            boolean late = dueNanos != Slo.NONE && fleet.nowNanos() > dueNanos;
            if (late && !request.demoted() && !request.begun()) {
                return new Route.Demote();
            }
            WorkerView worker =
                    Workers.leastLoaded(
                            fleet,
                            w ->
                                    w.unstartedPrefillTokens() < queueTokens
                                            && Workers.queues(w, request.request()));
            return worker == null ? new Route.Close() : new Route.Bind(worker.spec().id());
        }
    }
}
