package ai.djl.serving.wlm;

/** Signatures only. */
public final class WorkerThread<I, O> implements Runnable {
    private WorkerThread() {}

    @Override
    public void run() {
        throw new UnsupportedOperationException("stub");
    }

    public String getWorkerId() {
        throw new UnsupportedOperationException("stub");
    }

    public boolean isRunning() {
        throw new UnsupportedOperationException("stub");
    }
}
