package ai.djl.serving.wlm;

import ai.djl.Device;
import ai.djl.serving.wlm.util.WorkerJob;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;

/** Signatures only. */
public class WorkerPool<I, O> {
    WorkerPool() {}

    public WorkerPoolConfig<I, O> getWpc() {
        throw new UnsupportedOperationException("stub");
    }

    public Map<Device, WorkerGroup<I, O>> getWorkerGroups() {
        throw new UnsupportedOperationException("stub");
    }

    public List<WorkerThread<I, O>> getWorkers() {
        throw new UnsupportedOperationException("stub");
    }

    public BlockingQueue<WorkerJob<I, O>> getJobQueue() {
        throw new UnsupportedOperationException("stub");
    }

    public int getMaxWorkers() {
        throw new UnsupportedOperationException("stub");
    }

    public boolean isAllWorkerDied() {
        throw new UnsupportedOperationException("stub");
    }
}
