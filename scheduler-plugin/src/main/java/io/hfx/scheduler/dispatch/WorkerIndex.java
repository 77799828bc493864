package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.Gauges.Cost;
import io.hfx.scheduler.policy.WorkerView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the best of many workers by branch and bound: a complete binary tree over the workers in
 * the order in which they joined, with the least of each gauge at every node. A cost never falls
 * when a gauge rises, so the cost of a node's gauges bounds those of all workers below it. One
 * change, and one search where the bounds are close, take time in the logarithm of the workers; a
 * search looks at all of them at worst.
 *
 * <p>The tree lies in one array: the children of node i are 2i and 2i + 1, the root is 1.
 */
final class WorkerIndex {
    private final Gauges gauges;
    private final int width;
    private List<? extends WorkerView> workers = List.of();
    private int leaves = 1;
    private double[] tree;

    WorkerIndex(Gauges gauges) {
        this.gauges = gauges;
        this.width = gauges.count();
        this.tree = new double[2 * width];
    }

    Gauges gauges() {
        return gauges;
    }

    /** Starts anew with these workers, in the order in which they joined. */
    void fill(List<? extends WorkerView> joined) {
        workers = joined;
        leaves = Math.max(1, Integer.highestOneBit(Math.max(1, 2 * joined.size() - 1)));
        tree = new double[2 * leaves * width];
        Arrays.fill(tree, Double.POSITIVE_INFINITY);
        for (int i = 0; i < joined.size(); i++) {
            gauges.read(joined.get(i), tree, (leaves + i) * width);
        }
        for (int node = leaves - 1; node >= 1; node--) {
            merge(node);
        }
    }

    /** Reads the gauges of a worker again. */
    void changed(int position) {
        gauges.read(workers.get(position), tree, (leaves + position) * width);
        int node = (leaves + position) / 2;
        while (node >= 1 && merge(node)) {
            node /= 2;
        }
    }

    /** Takes the least of both children; returns whether that changed anything. */
    private boolean merge(int node) {
        int at = node * width;
        int left = 2 * at;
        int right = left + width;
        boolean changed = false;
        for (int i = 0; i < width; i++) {
            double less = tree[left + i] < tree[right + i] ? tree[left + i] : tree[right + i];
            changed |= tree[at + i] != less;
            tree[at + i] = less;
        }
        return changed;
    }

    /** As {@link io.hfx.scheduler.policy.FleetView#least(Gauges, Cost, Predicate)}. */
    @Nullable WorkerView least(Cost cost, Predicate<WorkerView> passes) {
        if (workers.size() == 1) {
            WorkerView only = workers.get(0);
            return cost.of(tree, width) < Cost.NEVER && passes.test(only) ? only : null;
        }
        Search search = new Search(cost, passes);
        search.below(1, 0, leaves, cost.of(tree, width));
        return search.best < 0 ? null : workers.get(search.best);
    }

    /** One look for the best. */
    private final class Search {
        private final Cost cost;
        private final Predicate<WorkerView> passes;
        private int best = -1;
        private double least = Cost.NEVER;

        Search(Cost cost, Predicate<WorkerView> passes) {
            this.cost = cost;
            this.passes = passes;
        }

        /**
         * Looks below a node.
         *
         * @param first position of the first worker there
         * @param span positions there
         * @param bound cost of the node's gauges
         */
        void below(int node, int first, int span, double bound) {
            boolean worse = bound > least || (bound == least && first > best);
            if (first >= workers.size() || bound == Cost.NEVER || worse) {
                return;
            }
            if (span == 1) {
                if (passes.test(workers.get(first))) {
                    best = first;
                    least = bound;
                }
                return;
            }
            int half = span / 2;
            int left = 2 * node;
            double leftBound = cost.of(tree, left * width);
            double rightBound = cost.of(tree, (left + 1) * width);
            if (leftBound <= rightBound) {
                below(left, first, half, leftBound);
                below(left + 1, first + half, half, rightBound);
            } else {
                below(left + 1, first + half, half, rightBound);
                below(left, first, half, leftBound);
            }
        }
    }

    /** As {@link io.hfx.scheduler.policy.FleetView#those}. */
    List<WorkerView> those(Cost cost) {
        List<WorkerView> those = new ArrayList<>();
        collect(1, 0, leaves, cost, those);
        return those;
    }

    private void collect(int node, int first, int span, Cost cost, List<WorkerView> those) {
        if (first >= workers.size() || cost.of(tree, node * width) == Cost.NEVER) {
            return;
        }
        if (span == 1) {
            those.add(workers.get(first));
        } else {
            collect(2 * node, first, span / 2, cost, those);
            collect(2 * node + 1, first + span / 2, span / 2, cost, those);
        }
    }
}
