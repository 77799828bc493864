package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import java.util.Arrays;
import java.util.Map;

/**
 * What one worker has promised, in the order in which it serves it: by priority, then by due time,
 * of equals those that have begun first, then in the order of binding. When the worker has changed
 * it is brought up to date by the next look, mostly in the order that it had. Due times and work
 * lie in flat arrays, so that a look neither allocates nor follows references. Owned by the thread
 * of its policy.
 */
final class PromiseLine {
    /** Of a worker to which nothing is bound; never changed. */
    static final PromiseLine EMPTY = new PromiseLine();

    private static final int FIRST_CAPACITY = 8;

    private int size;
    private Promise[] promises = new Promise[FIRST_CAPACITY];
    private int[] priorities = new int[FIRST_CAPACITY];
    private long[] dueNanos = new long[FIRST_CAPACITY];
    private double[] nanos = new double[FIRST_CAPACITY];

    /** Of each place the work before it. */
    private double[] nanosBefore = new double[FIRST_CAPACITY + 1];

    private long lastNumber;
    private boolean isAnyBegun;
    private boolean isCurrent;

    /** The worker reported. */
    void reported() {
        isCurrent = false;
    }

    /** A request was bound to the worker. */
    void bound(Waiting request) {
        if (!request.leftover()) {
            isCurrent = false;
            add(Promise.unstarted(request, ++lastNumber));
        }
    }

    /** A request started, or left the worker. */
    void remove(long id) {
        int place = placeOf(id);
        if (place < size) {
            isCurrent = false;
            size--;
            System.arraycopy(promises, place + 1, promises, place, size - place);
            promises[size] = null;
        }
    }

    private void add(Promise promise) {
        if (size == promises.length) {
            promises = Arrays.copyOf(promises, 2 * size);
        }
        promises[size++] = promise;
    }

    /**
     * Takes over what is known of the worker now.
     *
     * @param bound requests by their ids, at least those bound to it
     */
    void update(WorkerView worker, Map<Long, Waiting> bound) {
        if (isCurrent) {
            return;
        }
        isCurrent = true;
        readBegun(worker.outlook(), bound);
        LatencyModel latency = worker.latency();
        long stepNanos = Deadlines.typicalStepNanos(latency);
        Map<String, Integer> usualOutputs = worker.outlook().usualOutputs();
        for (int i = 0; i < size; i++) {
            Promise promise = promises[i];
            promise.predict(latency, stepNanos, usualOutputs);
            int place = i;
            while (place > 0 && promise.isBefore(promises[place - 1])) {
                promises[place] = promises[place - 1];
                place--;
            }
            promises[place] = promise;
        }
        flatten();
    }

    private void readBegun(Outlook outlook, Map<Long, Waiting> bound) {
        if (isAnyBegun) {
            forgetBegun();
        }
        long number = Long.MIN_VALUE;
        for (Outlook.Begun begun : outlook.begun()) {
            Waiting of = bound.get(begun.requestId());
            if (of != null) {
                isAnyBegun = true;
                add(Promise.begun(of, number++, begun.computed(), begun.left()));
            }
        }
    }

    private void forgetBegun() {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!promises[i].begun) {
                promises[kept++] = promises[i];
            }
        }
        Arrays.fill(promises, kept, size, null);
        size = kept;
        isAnyBegun = false;
    }

    private void flatten() {
        if (nanos.length < promises.length) {
            priorities = new int[promises.length];
            dueNanos = new long[promises.length];
            nanos = new double[promises.length];
            nanosBefore = new double[promises.length + 1];
        }
        for (int i = 0; i < size; i++) {
            Promise promise = promises[i];
            priorities[i] = promise.priority;
            dueNanos[i] = promise.dueNanos;
            nanos[i] = promise.nanos;
            nanosBefore[i + 1] = nanosBefore[i] + promise.nanos;
        }
    }

    /** Where one more would be served: behind its equals. */
    int place(int priority, long itsDueNanos) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            boolean before =
                    priorities[middle] < priority
                            || (priorities[middle] == priority && dueNanos[middle] <= itsDueNanos);
            if (before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    int size() {
        return size;
    }

    /** The one that is served there. */
    Promise promise(int place) {
        return promises[place];
    }

    long dueNanos(int place) {
        return dueNanos[place];
    }

    /** Time of a promise's work. */
    double nanos(int place) {
        return nanos[place];
    }

    /** Place of a request; {@link #size} where it has none. */
    int placeOf(long id) {
        int place = 0;
        while (place < size && promises[place].id != id) {
            place++;
        }
        return place;
    }

    /**
     * Work before a place, summed in the order of service.
     *
     * @param place 0 to {@link #size}
     * @param without place of one that does not count
     */
    double nanosBefore(int place, int without) {
        double sum = nanosBefore[Math.min(place, without)];
        for (int i = without + 1; i < place; i++) {
            sum += nanos[i];
        }
        return sum;
    }
}
