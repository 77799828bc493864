package io.hfx.simulator.profile;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.simulator.fleet.NetworkSpec;
import io.hfx.simulator.fleet.SimWorkerSpec;
import io.hfx.simulator.fleet.StepTiming;
import java.util.ArrayList;
import java.util.List;

/**
 * A model on a device, as the simulator sees it.
 *
 * @param name as on the command line
 * @param model what is served
 * @param device what it runs on
 * @param source where the figures come from, and what of them is ours
 * @param timing how long steps take
 * @param kv blocks that one worker has
 * @param kvTokenBytes KV of one token, for transfers
 * @param maxSequences most sequences in one step
 * @param linkBytesPerSecond of a worker's link, in each direction
 */
public record Profile(
        String name,
        String model,
        String device,
        String source,
        StepTiming timing,
        KvBudget.Blocks kv,
        long kvTokenBytes,
        int maxSequences,
        double linkBytesPerSecond) {

    /** Workers of this kind, named {@code worker-0} and so on. */
    public List<SimWorkerSpec> workers(int count, ModelError error, long seed) {
        List<SimWorkerSpec> workers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            WorkerId id = new WorkerId("worker-" + i);
            LatencyModel guess = error.of(timing.model(), seed + i);
            workers.add(new SimWorkerSpec(spec(id, guess), timing, error.learns()));
        }
        return workers;
    }

    /** The network between such workers. */
    public NetworkSpec network(long messageDelayNanos) {
        return new NetworkSpec(messageDelayNanos, kvTokenBytes, linkBytesPerSecond, 0);
    }

    private WorkerSpec spec(WorkerId id, LatencyModel guess) {
        boolean interruptible = timing.slices() > 1;
        return new WorkerSpec(
                id, WorkerSpec.Kind.TOKEN_LEVEL, kv, maxSequences, interruptible, guess);
    }
}
