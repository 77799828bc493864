package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.Gauges.Cost;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Choices among the workers of a fleet, and what their fitted models predict. */
public final class Workers {
    /** Prompt tokens that count as much work as one sequence that decodes. Ours. */
    private static final int DECODE_TOKENS = 64;

    /** Prompt tokens that may lie unstarted on one worker; what is beyond waits centrally. */
    private static final long MOST_QUEUED_TOKENS = 1 << 20;

    private static final int LOAD = 0;
    private static final int UNSTARTED_TOKENS = 1;
    private static final int KV = 2;

    /** Among equal loads fewer requests are better: each counts as less than any load. */
    private static final double REQUEST_LOAD = 0x1p-20;

    private static final Gauges GAUGES =
            new Gauges() {
                @Override
                public int count() {
                    return KV + KvGauges.COUNT;
                }

                @Override
                public void read(WorkerView worker, double[] into, int at) {
                    into[at + LOAD] = load(worker) + REQUEST_LOAD * worker.requests();
                    into[at + UNSTARTED_TOKENS] = worker.unstartedPrefillTokens();
                    KvGauges.read(worker, into, at + KV);
                }
            };

    private Workers() {}

    /** Work that a worker has before it, in prompt tokens: prefill to do, and decodes. */
    public static long load(WorkerView worker) {
        return worker.pendingPrefillTokens() + (long) DECODE_TOKENS * worker.decodes();
    }

    /**
     * The least loaded worker that passes; ties to the one with fewer requests, then to the one
     * that joined first; null for none.
     */
    public static @Nullable WorkerView leastLoaded(
            List<WorkerView> workers, Predicate<WorkerView> passes) {
        WorkerView best = null;
        for (WorkerView worker : workers) {
            if ((best == null || isLess(worker, best)) && passes.test(worker)) {
                best = worker;
            }
        }
        return best;
    }

    private static boolean isLess(WorkerView worker, WorkerView best) {
        int byLoad = Long.compare(load(worker), load(best));
        return byLoad != 0 ? byLoad < 0 : worker.requests() < best.requests();
    }

    /** The same of a whole fleet, without a look at all of it. */
    public static @Nullable WorkerView leastLoaded(FleetView fleet, Predicate<WorkerView> passes) {
        return fleet.least(GAUGES, (gauges, at) -> gauges[at + LOAD], passes);
    }

    /** The least loaded worker with KV for a request and less than a window of unstarted work. */
    public static @Nullable WorkerView leastLoadedOpen(
            FleetView fleet, RequestSpec request, int windowTokens) {
        return fleet.least(
                GAUGES,
                (gauges, at) -> {
                    boolean open =
                            gauges[at + UNSTARTED_TOKENS] < windowTokens
                                    && KvGauges.hasRoom(request, gauges, at + KV);
                    return open ? gauges[at + LOAD] : Cost.NEVER;
                });
    }

    /**
     * Whether a worker takes a request into a queue of its own, as behind a router that binds at
     * arrival: it can hold the longest sequence, and its queue has not grown out of all bounds.
     */
    public static boolean queues(WorkerView worker, RequestSpec request) {
        return request.longestSequenceTokens() <= worker.spec().kv().maxSequenceTokens()
                && worker.unstartedPrefillTokens() < MOST_QUEUED_TOKENS;
    }

    /** The decodes of a worker by its last report, as a step of their own. */
    public static StepShape decodes(WorkerView worker) {
        return worker.decodes() == 0
                ? StepShape.EMPTY
                : new StepShape(0, 0, 0, worker.decodes(), worker.contextTokens());
    }

    /**
     * Predicted time until a worker would have prefilled what it has and one more prompt: the rest
     * of its step, then steps that carry its decodes and a chunk each.
     *
     * @param promptTokens of the one more
     * @param chunkTokens prefill tokens of a step
     */
    public static long firstTokenNanos(WorkerView worker, int promptTokens, int chunkTokens) {
        long tokens = worker.pendingPrefillTokens() + promptTokens;
        int prompts = worker.unstarted().size() + 1;
        return worker.stepRemainingNanos()
                + prefillNanos(worker.latency(), tokens, prompts, decodes(worker), chunkTokens);
    }

    /**
     * Time to prefill some prompts of equal length in chunks beside decodes.
     *
     * @param tokens of all prompts together
     * @param prompts at least 1
     */
    public static long prefillNanos(
            LatencyModel latency, long tokens, int prompts, StepShape decodes, int chunkTokens) {
        if (tokens <= 0) {
            return 0;
        }
        long steps = (tokens + chunkTokens - 1) / chunkTokens;
        double pairs = 0.5 * tokens * ((double) tokens / prompts);
        StepShape chunk =
                new StepShape(
                        Math.max(1, (int) (prompts / steps)),
                        tokens / steps,
                        pairs / steps,
                        decodes.decodes(),
                        decodes.contextTokens());
        return steps * latency.stepNanos(chunk);
    }
}
