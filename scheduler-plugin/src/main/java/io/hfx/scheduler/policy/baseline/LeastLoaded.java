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
import java.util.stream.IntStream;

/**
 * Each request goes when it arrives to the worker with the least outstanding work (prompt tokens to
 * prefill, and its decodes), among those with KV for it if there are any, and waits there. With
 * {@code choices} of 2 or more only that many workers, picked by the request's id, are compared:
 * the power of two choices (Mitzenmacher 2001). Sarathi's steps, first come first served.
 */
public final class LeastLoaded implements Policy {
    private static final Setting CHOICES =
            Setting.whole("choices", 0, 0, 64, "workers compared for each request; 0 for all")
                    .searched(0, 4);

    @Override
    public String name() {
        return "least-loaded";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS, CHOICES);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new Router(config.allow(this).intOf(CHOICES));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return Common.sarathi(config.allow(this).intOf(Common.CHUNK_TOKENS));
    }

    private record Router(int choices) implements FleetPolicy {
        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            return new Rank(0, request.request().priority(), request.arrivalNanos());
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            List<WorkerView> compared = compared(request.request().id(), fleet.workers());
            WorkerView worker =
                    Workers.leastLoaded(
                            compared,
                            w ->
                                    Workers.queues(w, request.request())
                                            && w.hasKvFor(request.request()));
            if (worker == null) {
                worker = Workers.leastLoaded(compared, w -> Workers.queues(w, request.request()));
            }
            return Common.bindOrHold(worker);
        }

        private List<WorkerView> compared(long id, List<WorkerView> workers) {
            int n = workers.size();
            if (choices == 0 || choices >= n) {
                return workers;
            }
            int first = (int) Math.floorMod(mixed(id), (long) n);
            int stride = 1 + (int) Math.floorMod(mixed(~id), (long) n - 1);
            return IntStream.range(0, choices)
                    .mapToObj(i -> workers.get((first + i * stride) % n))
                    .toList();
        }
    }

    /** The finaliser of SplitMix64: ids in a row give picks that look random. */
    private static long mixed(long id) {
        long z = (id + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
