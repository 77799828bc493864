package io.hfx.simulator.fleet;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.request.SequenceKey;
import java.util.HashMap;
import java.util.Map;

/** The KV that a worker really holds, counted apart from what its planner thinks. */
final class SimKv {
    private final KvBudget budget;
    private final Map<SequenceKey, Integer> tokens = new HashMap<>();
    private long heldUnits;

    SimKv(KvBudget budget) {
        this.budget = budget;
    }

    int tokens(SequenceKey key) {
        return tokens.getOrDefault(key, 0);
    }

    boolean isEmpty() {
        return tokens.isEmpty();
    }

    /**
     * Adds positions to a sequence.
     *
     * @throws IllegalStateException if there is no room for them
     */
    void grow(SequenceKey key, int more) {
        int now = tokens.merge(key, more, Integer::sum);
        if (now > budget.maxSequenceTokens()) {
            throw new IllegalStateException("sequence " + key + " has outgrown its KV: " + now);
        }
        heldUnits += budget.cost(now) - (now == more ? 0 : budget.cost(now - more));
        if (heldUnits > budget.totalUnits()) {
            throw new IllegalStateException("KV overdrawn: " + heldUnits);
        }
    }

    void free(SequenceKey key) {
        Integer held = tokens.remove(key);
        heldUnits -= held == null ? 0 : budget.cost(held);
    }

    @Override
    public String toString() {
        return tokens.keySet().toString();
    }
}
