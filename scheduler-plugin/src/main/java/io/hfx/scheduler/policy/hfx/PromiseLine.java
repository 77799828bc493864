package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import java.util.Arrays;
import java.util.Map;

/**
 * The prefills that one worker has promised in time, in the order in which it serves them: by
 * priority, then by due time, those that have begun first among equals. In flat arrays, made anew
 * when the worker has changed and somebody asks, so that a look through it neither allocates nor
 * follows references. Owned by the thread of its policy.
 */
final class PromiseLine {
    /** Of a worker to which nothing is bound; never changed. */
    static final PromiseLine EMPTY = new PromiseLine();

    private static final int FIRST_CAPACITY = 8;

    private int size;
    private int[] priorities = new int[FIRST_CAPACITY];
    private long[] dueNanos = new long[FIRST_CAPACITY];
    private double[] nanos = new double[FIRST_CAPACITY];
    private long[] ids = new long[FIRST_CAPACITY];

    /** Of each place the work before it; up to {@link #summed}. */
    private double[] nanosBefore = new double[FIRST_CAPACITY];

    private int summed;
    private final Displaceable displaceable = new Displaceable();

    /** Of the worker, that were read. */
    private int unstarted;

    private boolean isCurrent;

    /** Those that may lose their place to another, in the order of binding. */
    static final class Displaceable {
        private int size;
        private Waiting[] requests = new Waiting[FIRST_CAPACITY];
        private double[] workNanos = new double[FIRST_CAPACITY];

        private void add(Waiting request, double itsWorkNanos) {
            if (size == requests.length) {
                requests = Arrays.copyOf(requests, 2 * size);
                workNanos = Arrays.copyOf(workNanos, 2 * size);
            }
            requests[size] = request;
            workNanos[size] = itsWorkNanos;
            size++;
        }

        private void clear() {
            Arrays.fill(requests, 0, size, null);
            size = 0;
        }

        int size() {
            return size;
        }

        Waiting request(int i) {
            return requests[i];
        }

        /** As {@link Admission#workNanos}. */
        double workNanos(int i) {
            return workNanos[i];
        }
    }

    /** The worker reported, or lost a request. */
    void changed() {
        isCurrent = false;
    }

    /**
     * Reads the worker again where it changed.
     *
     * @param bound requests by their ids, at least those bound to it
     */
    void update(WorkerView worker, Map<Long, Waiting> bound) {
        // whoever moved here has started, and was taken for one that has not
        if (isCurrent && unstarted == worker.unstarted().size()) {
            return;
        }
        isCurrent = true;
        unstarted = 0;
        size = 0;
        summed = 0;
        displaceable.clear();
        LatencyModel latency = worker.latency();
        for (Outlook.Begun begun : worker.outlook().begun()) {
            Waiting of = bound.get(begun.requestId());
            if (of != null) {
                double left = latency.prefillNanos(begun.computed(), begun.left());
                promise(of, left - latency.baseNanos(), worker);
            }
        }
        for (Waiting request : worker.unstarted()) {
            add(request, worker);
        }
    }

    /** One more was bound to the worker, after all others. */
    void bound(Waiting request, WorkerView worker) {
        if (isCurrent) {
            add(request, worker);
        }
    }

    private void add(Waiting request, WorkerView worker) {
        unstarted++;
        if (request.demoted()) {
            return;
        }
        RequestSpec spec = request.request();
        double prefillNanos = Admission.prefillNanos(worker.latency(), spec);
        promise(request, prefillNanos, worker);
        if (isDisplaceable(request)) {
            displaceable.add(request, prefillNanos + Admission.outputNanos(worker, spec));
        }
    }

    private static boolean isDisplaceable(Waiting request) {
        return !request.leftover()
                && !request.begun()
                && request.request().sloClass().onMiss() == OnMiss.DEMOTE;
    }

    private void promise(Waiting request, double itsNanos, WorkerView worker) {
        long due = Admission.dueNanos(request, worker);
        if (due == Slo.NONE) {
            return;
        }
        int priority = request.request().priority();
        int place = place(priority, due);
        makeRoom(place);
        priorities[place] = priority;
        dueNanos[place] = due;
        nanos[place] = itsNanos;
        ids[place] = request.request().id();
        summed = Math.min(summed, place);
    }

    private void makeRoom(int place) {
        if (size == ids.length) {
            int capacity = 2 * size;
            priorities = Arrays.copyOf(priorities, capacity);
            dueNanos = Arrays.copyOf(dueNanos, capacity);
            nanos = Arrays.copyOf(nanos, capacity);
            ids = Arrays.copyOf(ids, capacity);
            nanosBefore = Arrays.copyOf(nanosBefore, capacity);
        }
        int behind = size - place;
        System.arraycopy(priorities, place, priorities, place + 1, behind);
        System.arraycopy(dueNanos, place, dueNanos, place + 1, behind);
        System.arraycopy(nanos, place, nanos, place + 1, behind);
        System.arraycopy(ids, place, ids, place + 1, behind);
        size++;
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

    /** Promises. */
    int size() {
        return size;
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
        while (place < size && ids[place] != id) {
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
        double sum = nanosBefore(Math.min(place, without));
        for (int i = without + 1; i < place; i++) {
            sum += nanos[i];
        }
        return sum;
    }

    private double nanosBefore(int place) {
        for (; summed < place; summed++) {
            double before = summed == 0 ? 0 : nanosBefore[summed - 1];
            nanosBefore[summed] = before + nanos[summed];
        }
        return place == 0 ? 0 : nanosBefore[place - 1];
    }

    Displaceable displaceable() {
        return displaceable;
    }
}
