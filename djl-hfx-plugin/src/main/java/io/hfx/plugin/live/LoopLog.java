package io.hfx.plugin.live;

import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.List;

/** Hears every event and what it led to, on the loop's own thread. */
public interface LoopLog {
    LoopLog NONE = new LoopLog() {};

    default void fleet(FleetEvent event, List<FleetCommand> commands) {}

    default void worker(WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {}
}
