package io.hfx.engine.sampling;

/**
 * The most likely tokens of a row, in order of their logits, the lower id first of equals. Only as
 * many are put in order as are asked for. Owned by one thread; memory is used again.
 */
final class Ranking {
    private float[] logits = new float[0];
    private int[] heap = new int[0];
    private int count;
    private boolean worstOnTop;

    /**
     * Begins with the {@code most} most likely tokens.
     *
     * @param softmax weights of the same logits; says which blocks cannot hold any
     */
    void top(float[] row, int size, Softmax softmax, int most) {
        start(row, Math.min(most, size));
        worstOnTop = true;
        for (int block = 0; block * Softmax.BLOCK < size; block++) {
            if (count == most
                    && softmax.block(block) < softmax.weight(heap[0]) * (1 - Softmax.SLACK)) {
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

    /** Begins with all tokens whose weight is at least the bound, and above 0. */
    void above(float[] row, int size, Softmax softmax, double bound) {
        start(row, size);
        for (int block = 0; block * Softmax.BLOCK < size; block++) {
            if (softmax.block(block) < bound) {
                continue;
            }
            int to = Math.min(size, (block + 1) * Softmax.BLOCK);
            for (int id = block * Softmax.BLOCK; id < to; id++) {
                if (softmax.weight(id) >= bound && softmax.weight(id) > 0) {
                    heap[count++] = id;
                }
            }
        }
        worstOnTop = false;
        heapify();
    }

    /** Drops the tokens whose logit is below the floor or whose weight is 0. */
    void retain(double floor, Softmax softmax) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (logits[heap[i]] >= floor && softmax.weight(heap[i]) > 0) {
                heap[kept++] = heap[i];
            }
        }
        if (kept < count) {
            count = kept;
            heapify();
        }
    }

    /** Tokens not yet taken. */
    int count() {
        return count;
    }

    /** Sum of the weights of the tokens not yet taken. */
    double mass(Softmax softmax) {
        double mass = 0;
        for (int i = 0; i < count; i++) {
            mass += softmax.weight(heap[i]);
        }
        return mass;
    }

    /** Takes the most likely token that is left; {@link #taken} finds it again. */
    int take() {
        int id = heap[0];
        count--;
        heap[0] = heap[count];
        heap[count] = id;
        siftDown(0);
        return id;
    }

    /**
     * A token taken before.
     *
     * @param nth from 0, in the order in which they were taken
     * @param taken how many were taken
     */
    int taken(int nth, int taken) {
        return heap[count + taken - 1 - nth];
    }

    private void start(float[] row, int room) {
        logits = row;
        count = 0;
        if (heap.length < room) {
            heap = new int[room];
        }
    }

    private void offer(int id, int most) {
        if (count < most) {
            heap[count++] = id;
            if (count == most) {
                heapify();
            }
        } else if (logits[id] > logits[heap[0]]) {
            heap[0] = id;
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
            if (child + 1 < count && above(heap[child + 1], heap[child])) {
                child++;
            }
            if (!above(heap[child], heap[parent])) {
                return;
            }
            int moved = heap[parent];
            heap[parent] = heap[child];
            heap[child] = moved;
            parent = child;
        }
    }

    private boolean above(int a, int b) {
        boolean better = logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
        return better != worstOnTop;
    }
}
