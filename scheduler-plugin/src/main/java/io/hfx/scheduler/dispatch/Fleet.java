package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a dispatcher, and what is looked up among those that stay. Its indexes and sums
 * follow the workers one change at a time; only when one comes or goes is anything made anew.
 */
final class Fleet implements Worker.Changes {
    /** More are the mistake of a policy that makes its gauges anew at each call. */
    private static final int MOST_INDEXES = 8;

    private final LongSupplier clock;
    private final Map<WorkerId, Worker> workers = new LinkedHashMap<>();
    private final List<WorkerIndex> indexes = new ArrayList<>();

    /** Those of which something became known since the indexes were right. */
    private final List<Worker> changed = new ArrayList<>();

    /** Those with a new latency model since the sum of their rates was right. */
    private final List<Worker> refitted = new ArrayList<>();

    private List<WorkerView> staying = List.of();
    private int longestSequenceTokens;
    private long prefillRate;
    private int displaced;

    /**
     * @param clock time of the event being handled
     */
    Fleet(LongSupplier clock) {
        this.clock = clock;
    }

    void join(WorkerSpec spec) {
        if (workers.putIfAbsent(spec.id(), new Worker(spec, clock, this)) != null) {
            throw new IllegalStateException(spec.id() + " joined twice");
        }
        comeOrGone();
    }

    /** The worker of that name that was here, or null. */
    @Nullable Worker lose(WorkerId id) {
        Worker worker = workers.remove(id);
        if (worker != null) {
            worker.position = -1;
            comeOrGone();
        }
        return worker;
    }

    /** A worker is to leave: it stays no longer. */
    void drain(Worker worker, long leavesAtNanos) {
        worker.leavesAtNanos = leavesAtNanos;
        comeOrGone();
    }

    @Nullable Worker get(WorkerId id) {
        return workers.get(id);
    }

    /** All workers, in the order in which they joined. */
    Collection<Worker> all() {
        return Collections.unmodifiableCollection(workers.values());
    }

    /** Those that do not leave, in the order in which they joined. */
    List<WorkerView> staying() {
        return staying;
    }

    boolean isAnyLeaving() {
        return staying.size() < workers.size();
    }

    /** Whether a worker that stays can hold the longest sequence of a request. */
    boolean fits(RequestSpec request) {
        return request.longestSequenceTokens() <= longestSequenceTokens;
    }

    /** Prompt tokens that those that stay take in a nanosecond, all together. */
    double promptTokensPerNano() {
        for (Worker worker : refitted) {
            worker.isRefitted = false;
            if (worker.position >= 0) {
                prefillRate -= worker.prefillRate();
                worker.updatePrefillRate();
                prefillRate += worker.prefillRate();
            }
        }
        refitted.clear();
        return prefillRate / Worker.RATE_SCALE;
    }

    /**
     * Those that stay, by these gauges; kept from the first call on.
     *
     * @throws IllegalStateException if there are too many
     */
    WorkerIndex by(Gauges gauges) {
        catchUp();
        for (WorkerIndex index : indexes) {
            if (index.gauges() == gauges) {
                return index;
            }
        }
        if (indexes.size() == MOST_INDEXES) {
            throw new IllegalStateException("a policy has more than 8 different gauges");
        }
        WorkerIndex index = new WorkerIndex(gauges);
        index.fill(staying);
        indexes.add(index);
        return index;
    }

    private void comeOrGone() {
        List<WorkerView> stay = new ArrayList<>();
        longestSequenceTokens = 0;
        prefillRate = 0;
        for (Worker worker : workers.values()) {
            worker.position = worker.isLeaving() ? -1 : stay.size();
            if (!worker.isLeaving()) {
                stay.add(worker);
                longestSequenceTokens =
                        Math.max(longestSequenceTokens, worker.spec().kv().maxSequenceTokens());
                worker.updatePrefillRate();
                prefillRate += worker.prefillRate();
            }
        }
        staying = Collections.unmodifiableList(stay);
        for (WorkerIndex index : indexes) {
            index.fill(staying);
        }
    }

    @Override
    public void changed(Worker worker) {
        changed.add(worker);
    }

    @Override
    public void displaced(int more) {
        displaced += more;
    }

    /** Requests that lost their place to others, and lie unstarted on their workers. */
    int displaced() {
        return displaced;
    }

    @Override
    public void refitted(Worker worker) {
        refitted.add(worker);
    }

    private void catchUp() {
        for (int i = 0; i < changed.size(); i++) {
            Worker worker = changed.get(i);
            worker.isChanged = false;
            if (worker.position >= 0) {
                for (int k = 0; k < indexes.size(); k++) {
                    indexes.get(k).changed(worker.position);
                }
            }
        }
        changed.clear();
    }
}
