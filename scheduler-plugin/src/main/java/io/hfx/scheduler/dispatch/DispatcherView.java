package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.Gauges.Cost;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a dispatcher shows its policy: always what is so when it is asked. */
final class DispatcherView implements FleetView {
    private final Fleet fleet = new Fleet(this::nowNanos);
    private final WaitingQueue queue;
    private long nowNanos;

    /**
     * @param turns of the lines of a lane: {@link FleetPolicy#turn}
     */
    DispatcherView(ToDoubleFunction<String> turns) {
        queue = new WaitingQueue(turns);
    }

    /** The workers, for the dispatcher to change. */
    Fleet fleet() {
        return fleet;
    }

    /** The central queue, for the dispatcher to change. */
    WaitingQueue queue() {
        return queue;
    }

    void setNowNanos(long atNanos) {
        nowNanos = atNanos;
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    @Override
    public List<WorkerView> workers() {
        return fleet.staying();
    }

    @Override
    public @Nullable WorkerView least(Gauges gauges, Cost cost, Predicate<WorkerView> passes) {
        return fleet.by(gauges).least(cost, passes);
    }

    @Override
    public List<WorkerView> those(Gauges gauges, Cost cost) {
        return fleet.by(gauges).those(cost);
    }

    @Override
    public int waiting() {
        return queue.size();
    }

    @Override
    public int waiting(int lane) {
        return queue.size(lane);
    }

    @Override
    public @Nullable Waiting first(int lane) {
        Tracked first = queue.walk(lane).next();
        return first == null ? null : first.waiting;
    }

    @Override
    public Iterable<Waiting> requests(int lane) {
        return queue.requests(lane);
    }
}
