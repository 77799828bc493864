package io.hfx.scheduler.policy.parts;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long outputs become, learned from those that ended: for each SLO class the newest {@value
 * #KEPT}. A sequence that has outgrown some is compared with the longer ones only. Ours.
 */
public final class OutputLengths {
    private static final int KEPT = 128;

    /** Fewer say nothing. */
    private static final int LEAST = 8;

    private static final int MOST_CLASSES = 64;

    private final Map<String, Lengths> byClass = new LinkedHashMap<>();

    /** The newest of one class, in the order in which they ended and by length. */
    private static final class Lengths {
        private final int[] newest = new int[KEPT];
        private final int[] sorted = new int[KEPT];
        private long count;

        int size() {
            return (int) Math.min(count, KEPT);
        }

        void add(int tokens) {
            int at = (int) (count % KEPT);
            if (count >= KEPT) {
                int old = Arrays.binarySearch(sorted, newest[at]);
                System.arraycopy(sorted, old + 1, sorted, old, KEPT - 1 - old);
            }
            int size = (int) Math.min(count, KEPT - 1L);
            int to = Arrays.binarySearch(sorted, 0, size, tokens);
            to = to < 0 ? -to - 1 : to;
            System.arraycopy(sorted, to, sorted, to + 1, size - to);
            sorted[to] = tokens;
            newest[at] = tokens;
            count++;
        }

        /** How many are no longer than that. */
        int upTo(int tokens) {
            int at = Arrays.binarySearch(sorted, 0, size(), tokens + 1);
            at = at < 0 ? -at - 1 : at;
            while (at > 0 && sorted[at - 1] > tokens) {
                at--;
            }
            return at;
        }
    }

    /** An output of so many tokens ended. */
    public void ended(String sloClass, int tokens) {
        if (byClass.size() >= MOST_CLASSES && !byClass.containsKey(sloClass)) {
            byClass.remove(byClass.keySet().iterator().next());
        }
        byClass.computeIfAbsent(sloClass, name -> new Lengths()).add(tokens);
    }

    /**
     * Tokens of an output of each class, as a quantile over the newest; without classes of which
     * too few ended.
     *
     * @param quantile 0 to 1
     */
    public Map<String, Integer> quantiles(double quantile) {
        Map<String, Integer> tokens = new HashMap<>();
        for (String sloClass : byClass.keySet()) {
            int of = remaining(sloClass, 0, quantile);
            if (of > 0) {
                tokens.put(sloClass, of);
            }
        }
        return tokens;
    }

    /**
     * Tokens still to come of a sequence that has some, as a quantile over those that became
     * longer.
     *
     * @param generated its tokens so far, at least 0
     * @param quantile 0 to 1; small for what is almost sure to come
     * @return at least 1; 0 where too few are known that became longer
     */
    public int remaining(String sloClass, int generated, double quantile) {
        Lengths lengths = byClass.get(sloClass);
        if (lengths == null) {
            return 0;
        }
        int from = lengths.upTo(generated);
        int longer = lengths.size() - from;
        if (longer < LEAST) {
            return 0;
        }
        int at = Math.min(longer - 1, (int) (quantile * longer));
        return lengths.sorted[from + at] - generated;
    }
}
