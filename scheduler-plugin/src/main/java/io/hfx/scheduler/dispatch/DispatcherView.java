package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a dispatcher shows its policy in one call. */
record DispatcherView(long nowNanos, List<WorkerView> workers, WaitingQueue queue)
        implements FleetView {
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
        Tracked first = queue.next(lane, null);
        return first == null ? null : first.waiting;
    }

    @Override
    public Iterable<Waiting> requests(int lane) {
        return queue.requests(lane);
    }
}
