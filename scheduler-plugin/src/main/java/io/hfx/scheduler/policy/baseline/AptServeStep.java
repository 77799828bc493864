package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Apt-Serve's choice of what runs, by pending time for KV. */
final class AptServeStep implements StepPolicy {
    /** Share of its pending time that a sequence is worth once its token is late. Ours. */
    private static final double LATE = 1e-6;

    private final int chunkTokens;

    /** Since when those wait that have output and lost their KV. */
    private Map<SequenceKey, Long> stoppedNanos = new HashMap<>();

    /** How long the running sequences will have waited for the tokens of this step. */
    private long stepNanos = 1;

    AptServeStep(int chunkTokens) {
        this.chunkTokens = chunkTokens;
    }

    /** A sequence, what it is worth in nanoseconds, and the KV units that it has or needs. */
    private record Item(SequenceView sequence, double worth, long units) {
        static final Comparator<Item> DENSEST_FIRST =
                Comparator.comparingDouble((Item item) -> -item.worth / item.units)
                        .thenComparingLong(item -> item.sequence.arrivalNanos());
    }

    @Override
    public Composition compose(StepView view) {
        Batching batch = new Batching(view);
        List<Item> waiting = waiting(view);
        List<Item> running = running(view);
        long freeUnits = keepUpWithGrowth(view, batch, running);
        boolean takesKv = worth(waiting) > worth(running);
        List<SequenceView> order = new ArrayList<>(view.prefilling());
        order.addAll(chosen(view, batch, freeUnits, waiting, takesKv ? running : List.of()));
        batch.decodeAll();
        ChunkedPrefill.fill(view, batch, chunkTokens - batch.sequences(), v -> order);
        stepNanos = view.latency().stepNanos(batch.shape());
        return batch.composition();
    }

    private static double worth(List<Item> items) {
        double worth = 0;
        for (Item item : items) {
            worth += item.worth();
        }
        return worth;
    }

    /** Those without KV, the densest first, and those that are served from what is left last. */
    private List<Item> waiting(StepView view) {
        KvBudget kv = view.worker().kv();
        Map<SequenceKey, Long> stopped = new HashMap<>();
        List<Item> items = new ArrayList<>();
        for (SequenceView s : view.waiting()) {
            if (s.generated() > 0) {
                stopped.put(s.key(), stoppedNanos.getOrDefault(s.key(), view.nowNanos()));
            }
        }
        stoppedNanos = stopped;
        for (SequenceView s : view.waiting()) {
            long units = kv.cost(s.computed() + s.remainingPrefill() + 1);
            items.add(new Item(s, waitingWorth(s, view.nowNanos()), units));
        }
        items.sort(
                Comparator.comparing((Item item) -> item.sequence().leftover())
                        .thenComparing(Item.DENSEST_FIRST));
        return items;
    }

    private double waitingWorth(SequenceView s, long nowNanos) {
        if (s.generated() > 0) {
            return nowNanos - stoppedNanos.getOrDefault(s.key(), nowNanos);
        }
        boolean late = s.leftover() || nowNanos > Due.firstTokenNanos(s, 0);
        return (nowNanos - s.arrivalNanos()) * (late ? LATE : 1);
    }

    private List<Item> running(StepView view) {
        KvBudget kv = view.worker().kv();
        List<Item> items = new ArrayList<>();
        for (SequenceView s : view.decoding()) {
            double worth = s.leftover() ? LATE * stepNanos : stepNanos;
            items.add(new Item(s, worth, kv.cost(s.computed() + 1)));
        }
        items.sort(Item.DENSEST_FIRST.reversed());
        return items;
    }

    /**
     * Where what has begun cannot all go on, the least dense that run give their KV up.
     *
     * @return units that are free then
     */
    private static long keepUpWithGrowth(StepView view, Batching batch, List<Item> running) {
        KvBudget kv = view.worker().kv();
        long free = view.freeKvUnits();
        for (SequenceView s : view.prefilling()) {
            free -= kv.cost(s.computed() + s.remainingPrefill()) - kv.cost(s.tokensInKv());
        }
        for (Item item : running) {
            free -= item.units() - kv.cost(item.sequence().tokensInKv());
        }
        while (free < 0 && running.size() > 1) {
            Item least = running.remove(0);
            batch.preempt(least.sequence());
            free += least.units();
        }
        return free;
    }

    /**
     * The densest of those that wait which find KV for their whole prompt, up to about a step of
     * them.
     *
     * @param victims running ones that may lose theirs, the least dense first
     */
    private List<SequenceView> chosen(
            StepView view, Batching batch, long freeUnits, List<Item> waiting, List<Item> victims) {
        List<SequenceView> chosen = new ArrayList<>();
        long free = freeUnits;
        int tokens = chunkTokens;
        int victim = 0;
        for (Item item : waiting) {
            while (victim < victims.size()
                    && free < item.units()
                    && yields(victims.get(victim), item, view)) {
                batch.preempt(victims.get(victim).sequence());
                free += victims.get(victim++).units();
            }
            if (free >= item.units()) {
                free -= item.units();
                chosen.add(item.sequence());
                tokens -= item.sequence().remainingPrefill();
            }
            if (tokens <= 0) {
                break;
            }
        }
        return chosen;
    }

    private static boolean yields(Item running, Item waiting, StepView view) {
        long againNanos = view.latency().prefillNanos(0, running.sequence().computed());
        return waiting.worth() > againNanos + running.worth()
                && waiting.worth() / waiting.units() > running.worth() / running.units();
    }
}
