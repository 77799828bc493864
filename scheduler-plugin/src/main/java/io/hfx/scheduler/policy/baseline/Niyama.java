package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.policy.parts.TokenBudget;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.slo.Slo;
import java.util.Comparator;
import java.util.List;

/**
 * Niyama, later QoServe (arXiv 2503.22562): one queue for all tiers, ordered between earliest
 * deadline and shortest prompt; requests that can no longer make their first token are relegated
 * below all others; each step takes as much prefill as the slack of the running decodes leaves.
 *
 * <p>Differs: the chunk is searched in the fitted latency model instead of on a grid of twelve
 * sizes; the time of an output behind an end-to-end deadline comes from {@code max_tokens} and
 * {@code batch_tpot_ms} instead of a history; by default the tokens' clock starts with the first
 * token ({@code bank_ttft}), because mean TPOT is the primary score; requests without objective,
 * which the paper has not, wait with the relegated; several workers share one queue, bound late to
 * the least loaded.
 */
public final class Niyama implements Policy {
    private static final Setting ALPHA_MS =
            Setting.number(
                            "alpha_ms",
                            8,
                            0,
                            1_000,
                            "deadline added for each prompt token left; 0 is EDF, much is"
                                    + " shortest first")
                    .searched(0, 16);
    private static final Setting SAFETY =
            Setting.number("safety", 1.2, 1, 3, "factor on predicted step times").searched(1, 1.5);
    private static final Setting MIN_CHUNK_TOKENS =
            Common.minChunkTokens(128, "prefill tokens that a step takes even without slack");
    private static final Setting MAX_CHUNK_TOKENS =
            Setting.whole("max_chunk_tokens", 2_560, 16, 1 << 20, "most prefill tokens of a step")
                    .searched(256, 4_096);
    private static final Setting BATCH_TPOT_MS =
            Setting.number(
                    "batch_tpot_ms",
                    50,
                    0,
                    60_000,
                    "time an output token takes, for requests with an end-to-end deadline only");

    private static final Setting BANK_TTFT =
            Setting.whole(
                    "bank_ttft",
                    0,
                    0,
                    1,
                    "1: time left when the first token came early may be spent on later ones");

    /** Below this share of free KV a step takes at most {@value #LOW_KV_CHUNK_TOKENS} tokens. */
    private static final double LOW_KV = 0.05;

    private static final int LOW_KV_CHUNK_TOKENS = 512;
    private static final double KEEP = 0.995;

    private static final int ON_TIME = 0;
    private static final int RELEGATED = 1;

    private record Settings(
            double alphaNanos,
            double safety,
            int minChunkTokens,
            int maxChunkTokens,
            long batchTpotNanos,
            boolean bankTtft) {}

    @Override
    public String name() {
        return "niyama";
    }

    @Override
    public List<Setting> settings() {
        return List.of(
                ALPHA_MS, SAFETY, MIN_CHUNK_TOKENS, MAX_CHUNK_TOKENS, BATCH_TPOT_MS, BANK_TTFT);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new Fleet(read(config));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new Step(read(config));
    }

    private Settings read(PolicyConfig config) {
        config.allow(this);
        return new Settings(
                config.nanosOf(ALPHA_MS),
                config.doubleOf(SAFETY),
                config.intOf(MIN_CHUNK_TOKENS),
                config.intOf(MAX_CHUNK_TOKENS),
                config.nanosOf(BATCH_TPOT_MS),
                config.isOn(BANK_TTFT));
    }

    private record Fleet(Settings settings) implements FleetPolicy {
        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            int priority = request.request().priority();
            long dueNanos = Due.firstTokenNanos(request, settings.batchTpotNanos());
            if (request.demoted() || dueNanos == Slo.NONE) {
                return new Rank(RELEGATED, priority, request.arrivalNanos());
            }
            double key = dueNanos + settings.alphaNanos() * request.request().prefillTokens();
            return new Rank(ON_TIME, priority, (long) key);
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            long dueNanos = Due.firstTokenNanos(request, settings.batchTpotNanos());
            boolean mayRelegate = !request.demoted() && !request.begun() && dueNanos != Slo.NONE;
            if (mayRelegate && fleet.nowNanos() + fastestNanos(request, fleet) > dueNanos) {
                return new Route.Demote();
            }
            WorkerView worker =
                    Workers.leastLoadedOpen(fleet, request.request(), settings.maxChunkTokens());
            return worker == null ? new Route.Close() : new Route.Bind(worker.spec().id());
        }

        private long fastestNanos(Waiting request, FleetView fleet) {
            int tokens = request.request().prefillTokens();
            long fastest = Long.MAX_VALUE;
            for (WorkerView w : fleet.workers()) {
                long nanos =
                        Workers.prefillNanos(
                                w.latency(),
                                tokens,
                                1,
                                Workers.decodes(w),
                                settings.maxChunkTokens());
                fastest = Math.min(fastest, nanos);
            }
            return fleet.workers().isEmpty() ? 0 : fastest;
        }
    }

    private static final class Step implements StepPolicy {
        private final Settings settings;

        /** Prefill throughput of the steps so far; 0 before the first. */
        private double tokensPerNano;

        Step(Settings settings) {
            this.settings = settings;
        }

        @Override
        public Composition compose(StepView view) {
            Batching batch = new Batching(view);
            List<SequenceView> decoding = batch.decodeAll();
            int tokens = budget(view, batch, slackNanos(decoding, view.nowNanos()));
            observe(view, batch, ChunkedPrefill.fill(view, batch, tokens, this::order));
            return batch.composition();
        }

        private void observe(StepView view, Batching batch, int tokens) {
            if (tokens > 0) {
                double seen =
                        (double) tokens / Math.max(1, view.latency().stepNanos(batch.shape()));
                tokensPerNano =
                        tokensPerNano == 0 ? seen : KEEP * tokensPerNano + (1 - KEEP) * seen;
            }
        }

        private long slackNanos(List<SequenceView> decoding, long nowNanos) {
            long slack = Long.MAX_VALUE;
            for (SequenceView s : decoding) {
                if (!s.leftover() && s.slo().hasTpot()) {
                    slack = Math.min(slack, Due.nextTokenNanos(s, settings.bankTtft()) - nowNanos);
                }
            }
            return slack;
        }

        private int budget(StepView view, Batching batch, long slackNanos) {
            boolean low = view.freeKvUnits() < LOW_KV * view.worker().kv().totalUnits();
            int most =
                    low
                            ? Math.min(LOW_KV_CHUNK_TOKENS, settings.maxChunkTokens())
                            : settings.maxChunkTokens();
            int least = Math.min(settings.minChunkTokens(), most);
            return TokenBudget.within(
                    view, batch, (long) (slackNanos / settings.safety()), least, most);
        }

        private List<SequenceView> order(StepView view) {
            return PrefillOrder.sorted(
                    view,
                    Comparator.comparing((SequenceView s) -> relegated(s, view.nowNanos()))
                            .thenComparingDouble(this::key));
        }

        private double key(SequenceView s) {
            return Due.firstTokenNanos(s, settings.batchTpotNanos())
                    + settings.alphaNanos() * s.remainingPrefill();
        }

        private boolean relegated(SequenceView s, long nowNanos) {
            long dueNanos = Due.firstTokenNanos(s, settings.batchTpotNanos());
            if (s.leftover() || dueNanos == Slo.NONE) {
                return true;
            }
            boolean started = s.tokensInKv() > 0 || s.generated() > 0;
            return !started
                    && tokensPerNano > 0
                    && nowNanos + s.remainingPrefill() / tokensPerNano > dueNanos;
        }
    }
}
