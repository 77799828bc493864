package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.WorkerId;
import java.util.ArrayList;
import java.util.List;

/** What is to be done for one event, in this order. */
final class Outbox implements Mover.Orders {
    private List<FleetCommand> commands = new ArrayList<>();

    @Override
    public void send(Worker worker, WorkerOrder order) {
        commands.add(new FleetCommand.Send(worker.spec().id(), order));
    }

    void refuse(long requestId, RefusalReason reason, long retryAfterNanos) {
        commands.add(new FleetCommand.Refuse(requestId, reason, retryAfterNanos));
    }

    void forget(long requestId) {
        commands.add(new FleetCommand.Forget(requestId));
    }

    void retire(WorkerId worker) {
        commands.add(new FleetCommand.Retire(worker));
    }

    void wake(long afterNanos) {
        commands.add(new FleetCommand.Wake(afterNanos));
    }

    /** All since the last call. */
    List<FleetCommand> take() {
        if (commands.isEmpty()) {
            return List.of();
        }
        List<FleetCommand> taken = commands;
        commands = new ArrayList<>();
        return taken;
    }
}
