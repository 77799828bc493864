package io.hfx.plugin.live;

import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.step.StepTime;
import java.util.List;
import java.util.function.Consumer;

/** Hears every event and what it led to, on the loop's own thread. */
public interface LoopLog {
    LoopLog NONE = new LoopLog() {};

    default void fleet(FleetEvent event, List<FleetCommand> commands) {}

    default void worker(WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {}

    /** A step ended; told before the event of it. */
    default void stepped(StepTime step) {}

    /** This one, with steps told to somebody else besides. */
    default LoopLog tellingSteps(Consumer<StepTime> listener) {
        LoopLog its = this;
        return new LoopLog() {
            @Override
            public void fleet(FleetEvent event, List<FleetCommand> commands) {
                its.fleet(event, commands);
            }

            @Override
            public void worker(WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {
                its.worker(worker, event, commands);
            }

            @Override
            public void stepped(StepTime step) {
                its.stepped(step);
                listener.accept(step);
            }
        };
    }
}
