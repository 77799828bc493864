package io.hfx.engine.sampling;

import java.util.Arrays;

/**
 * Tokens of a row that may be drawn, narrowed down step by step. A token ranks before another with
 * a lower logit, or with the same logit and a higher id. Nothing is put in order but what lies at a
 * border, so that a flat row of a hundred thousand tokens costs little more than a peaked one.
 * Owned by one thread; memory is used again.
 */
final class Candidates {
    private final Softmax softmax;
    private final double[] bucketMass = new double[Softmax.BUCKETS];
    private float[] logits = new float[0];

    /** Token ids; those from {@code base} on are a heap where one is needed. */
    private int[] ids = new int[0];

    private int base;
    private int count;
    private boolean worstOnTop;

    /**
     * Without tokens yet.
     *
     * @param softmax has the weights of the row in use
     */
    Candidates(Softmax softmax) {
        this.softmax = softmax;
    }

    /** Begins with the tokens that rank first; {@link #take} gives them in order. */
    void top(float[] row, int size, int most) {
        start(row, Math.min(most, size));
        worstOnTop = true;
        for (int block = 0; block * Softmax.BLOCK < size; block++) {
            if (count == most
                    && softmax.block(block) < softmax.weight(ids[0]) * (1 - Softmax.SLACK)) {
                continue;
            }
            int to = Math.min(size, (block + 1) * Softmax.BLOCK);
            for (int id = block * Softmax.BLOCK; id < to; id++) {
                offer(id, most);
            }
        }
        worstOnTop = false;
        heapify();
    }

    /** Begins with the tokens whose weight is at least the bound, and above 0. */
    void above(float[] row, int size, double bound) {
        start(row, size);
        for (int block = 0; block * Softmax.BLOCK < size; block++) {
            if (softmax.block(block) < bound) {
                continue;
            }
            int to = Math.min(size, (block + 1) * Softmax.BLOCK);
            for (int id = block * Softmax.BLOCK; id < to; id++) {
                if (softmax.weight(id) >= bound && softmax.weight(id) > 0) {
                    ids[count++] = id;
                }
            }
        }
    }

    /** Drops the tokens whose logit is below the floor or whose weight is 0. */
    void retain(double floor) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (logits[ids[i]] >= floor && softmax.weight(ids[i]) > 0) {
                ids[kept++] = ids[i];
            }
        }
        count = kept;
    }

    /** Sum of the weights. */
    double mass() {
        double mass = 0;
        for (int i = 0; i < count; i++) {
            mass += softmax.weight(ids[i]);
        }
        return mass;
    }

    /**
     * Drops all but the fewest tokens, by rank, that together reach a mass.
     *
     * @return their mass
     */
    double retainMass(double mass) {
        Arrays.fill(bucketMass, 0);
        for (int i = 0; i < count; i++) {
            bucketMass[softmax.bucket(logits[ids[i]])] += softmax.weight(ids[i]);
        }
        int border = 0;
        double kept = 0;
        while (border < Softmax.BUCKETS - 1 && kept + bucketMass[border] < mass) {
            kept += bucketMass[border++];
        }
        int sure = moveToFront(0, border);
        int all = moveToFront(sure, border + 1);
        base = sure;
        count = all - sure;
        heapify();
        while (count > 0 && kept < mass) {
            kept += softmax.weight(take());
        }
        int taken = all - sure - count;
        System.arraycopy(ids, all - taken, ids, sure, taken);
        base = 0;
        count = sure + taken;
        return kept;
    }

    /** The first token where the running sum of weights exceeds the target; or -1. */
    int at(double target) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += softmax.weight(ids[i]);
            if (target < sum) {
                return ids[i];
            }
        }
        return -1;
    }

    /** Removes and gives the token that ranks first, after {@link #top}. */
    int take() {
        int id = ids[base];
        count--;
        ids[base] = ids[base + count];
        ids[base + count] = id;
        siftDown(0);
        return id;
    }

    private void start(float[] row, int room) {
        logits = row;
        base = 0;
        count = 0;
        if (ids.length < room) {
            ids = new int[room];
        }
    }

    /** Moves the tokens of buckets below a bound in front of the others; returns the next place. */
    private int moveToFront(int from, int bucketBound) {
        int front = from;
        for (int i = from; i < count; i++) {
            int id = ids[i];
            if (softmax.bucket(logits[id]) < bucketBound) {
                ids[i] = ids[front];
                ids[front++] = id;
            }
        }
        return front;
    }

    private void offer(int id, int most) {
        if (count < most) {
            ids[count++] = id;
            if (count == most) {
                heapify();
            }
        } else if (logits[id] > logits[ids[0]]) {
            ids[0] = id;
            siftDown(0);
        }
    }

    private void heapify() {
        for (int i = count / 2 - 1; i >= 0; i--) {
            siftDown(i);
        }
    }

    private void siftDown(int start) {
        int parent = start;
        for (int child = 2 * parent + 1; child < count; child = 2 * parent + 1) {
            if (child + 1 < count && above(ids[base + child + 1], ids[base + child])) {
                child++;
            }
            if (!above(ids[base + child], ids[base + parent])) {
                return;
            }
            int moved = ids[base + parent];
            ids[base + parent] = ids[base + child];
            ids[base + child] = moved;
            parent = child;
        }
    }

    private boolean above(int a, int b) {
        boolean better = logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
        return better != worstOnTop;
    }
}
