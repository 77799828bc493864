package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.BoundWork;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mooncake's early rejection (arXiv 2407.00079): when a request arrives, its TTFT is predicted on
 * each worker from what is queued there, and its TPOT from the decodes that will run when its
 * prefill is over; it goes to the worker with the lowest TTFT, or is refused at once where a
 * prediction misses its objective. First come, first served afterwards, on Sarathi's steps.
 *
 * <p>Differs: prefill and decode share the workers, so that a predicted decode step carries a
 * prefill chunk in {@code chunk_share} of the cases; there is no prefix cache to count hits in; how
 * many decodes will have ended is estimated from {@code max_tokens}; requests without objective are
 * never refused.
 */
public final class Mooncake implements Policy {
    private static final Setting CHUNK_SHARE =
            Setting.number(
                            "chunk_share",
                            0.5,
                            0,
                            1,
                            "share of decode steps that are expected to carry a prefill chunk")
                    .searched(0, 1);

    @Override
    public String name() {
        return "mooncake";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS, CHUNK_SHARE, Common.REFUSE);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        config.allow(this);
        return new Fleet(
                config.intOf(Common.CHUNK_TOKENS),
                config.doubleOf(CHUNK_SHARE),
                config.isOn(Common.REFUSE));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return Common.sarathi(config.allow(this).intOf(Common.CHUNK_TOKENS));
    }

    private static final class Fleet implements FleetPolicy {
        private final int chunkTokens;
        private final double chunkShare;
        private final boolean refuse;
        private final BoundWork.Fleet work = new BoundWork.Fleet();

        Fleet(int chunkTokens, double chunkShare, boolean refuse) {
            this.chunkTokens = chunkTokens;
            this.chunkShare = chunkShare;
            this.refuse = refuse;
        }

        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            int lane = request.demoted() ? 1 : 0;
            return new Rank(lane, request.request().priority(), request.arrivalNanos());
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            if (request.demoted()) {
                WorkerView worker = Workers.leastLoadedOpen(fleet, request.request(), chunkTokens);
                return Common.bindOrHold(worker);
            }
            WorkerView best = null;
            long bestNanos = Long.MAX_VALUE;
            for (WorkerView worker : fleet.workers()) {
                long ttftNanos = ttftNanos(worker, request);
                if (ttftNanos < bestNanos && Workers.queues(worker, request.request())) {
                    best = worker;
                    bestNanos = ttftNanos;
                }
            }
            boolean refusable =
                    !request.begun() && !request.request().sloClass().slo().isBestEffort();
            return refusable && misses(request, best, bestNanos, fleet.nowNanos())
                    ? Common.miss(refuse)
                    : Common.bindOrHold(best);
        }

        private long ttftNanos(WorkerView worker, Waiting request) {
            return Workers.firstTokenNanos(worker, request.request().prefillTokens(), chunkTokens);
        }

        private boolean misses(
                Waiting request, @Nullable WorkerView worker, long ttftNanos, long nowNanos) {
            if (worker == null) {
                return false;
            }
            long tpotNanos = Due.tpotNanos(request.request());
            return nowNanos + ttftNanos > Due.firstTokenNanos(request)
                    || tpotNanos(worker, request, ttftNanos) > tpotNanos;
        }

        /** Of the decodes that are left when the prefill is over, and those that follow by then. */
        private double tpotNanos(WorkerView worker, Waiting request, long ttftNanos) {
            BoundWork bound = work.of(worker);
            double stepNanos = Math.max(1, worker.latency().stepNanos(Workers.decodes(worker)));
            double meanOutput =
                    bound.sequences() == 0 ? 1 : (double) bound.outputTokens() / bound.sequences();
            double ended = Math.min(1, ttftNanos / stepNanos / meanOutput);
            double left = worker.decodes() * (1 - ended);
            int coming =
                    Math.max(0, bound.sequences() - worker.decodes())
                            + request.request().sequences();
            double context =
                    worker.contextTokens() * (1 - ended)
                            + worker.pendingPrefillTokens()
                            + request.request().totalPromptTokens();
            double decodeNanos = worker.latency().decodeStepNanos(left + coming, context);
            StepShape chunk = StepShape.EMPTY.plusChunk(0, chunkTokens);
            double chunkNanos = worker.latency().stepNanos(chunk) - worker.latency().baseNanos();
            return decodeNanos + chunkShare * chunkNanos;
        }

        @Override
        public void bound(Waiting request, WorkerView worker) {
            work.bound(request, worker);
        }

        @Override
        public void left(Waiting request, WorkerView worker) {
            work.left(request, worker);
        }
    }
}
