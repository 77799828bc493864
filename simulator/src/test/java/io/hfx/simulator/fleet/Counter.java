package io.hfx.simulator.fleet;

import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.WorkerId;
import java.util.List;

/** Counts what happens in a run. */
final class Counter implements SimFleet.Log {
    int suspends;
    int resumes;
    int recalls;
    int reports;
    int steps;
    int moved;
    int resumed;
    int losses;
    int retired;
    int handedBack;

    @Override
    public void fleet(FleetEvent event, List<FleetCommand> commands) {
        losses += event instanceof FleetEvent.WorkerLost ? 1 : 0;
        for (FleetCommand command : commands) {
            retired += command instanceof FleetCommand.Retire ? 1 : 0;
            if (command instanceof FleetCommand.Send send) {
                handedBack += send.order() instanceof WorkerOrder.HandBack ? 1 : 0;
                recalls += send.order() instanceof WorkerOrder.Recall ? 1 : 0;
                moved += send.order() instanceof WorkerOrder.Discard ? 1 : 0;
                resumed += send.order() instanceof WorkerOrder.Resume ? 1 : 0;
            }
        }
    }

    @Override
    public void worker(WorkerId worker, WorkerEvent event, List<WorkerCommand> commands) {
        for (WorkerCommand command : commands) {
            suspends += command instanceof WorkerCommand.Suspend ? 1 : 0;
            resumes += command instanceof WorkerCommand.Resume ? 1 : 0;
            reports += command instanceof WorkerCommand.Report ? 1 : 0;
            steps += command instanceof WorkerCommand.Run ? 1 : 0;
        }
    }
}
