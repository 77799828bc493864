package ai.djl.serving.wlm;

import java.util.List;

/** Signatures only. */
public class WorkerGroup<I, O> {
    WorkerGroup() {}

    public List<WorkerThread<I, O>> getWorkers() {
        throw new UnsupportedOperationException("stub");
    }

    public int getMinWorkers() {
        throw new UnsupportedOperationException("stub");
    }

    public int getMaxWorkers() {
        throw new UnsupportedOperationException("stub");
    }
}
