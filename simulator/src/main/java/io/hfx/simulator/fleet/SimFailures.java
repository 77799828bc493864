package io.hfx.simulator.fleet;

import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.time.VirtualTime;
import java.util.SplittableRandom;

/** Loses workers at random times and replaces them, as long as the run goes on. */
final class SimFailures {
    /** What it does that to. */
    interface Fleet {
        /** Whether all requests are over: then nothing fails any more. */
        boolean isOver();

        void join(SimWorkerSpec worker);

        void lose(WorkerId id);
    }

    private final VirtualTime time;
    private final FailureSpec spec;
    private final Fleet fleet;
    private final SplittableRandom random;
    private long replaced;

    SimFailures(VirtualTime time, FailureSpec spec, long seed, Fleet fleet) {
        this.time = time;
        this.spec = spec;
        this.fleet = fleet;
        this.random = new SplittableRandom(seed);
    }

    /** A worker is there; some day it will fail. */
    void joined(SimWorkerSpec worker) {
        double nanos = spec.meanNanosToFailure() * random.nextExponential();
        time.after(Math.max(1, Math.round(nanos)), () -> fail(worker));
    }

    private void fail(SimWorkerSpec worker) {
        if (!fleet.isOver()) {
            fleet.lose(worker.spec().id());
            time.after(spec.replacementNanos(), () -> replace(worker));
        }
    }

    private void replace(SimWorkerSpec worker) {
        if (!fleet.isOver()) {
            fleet.join(renamed(worker));
        }
    }

    private SimWorkerSpec renamed(SimWorkerSpec worker) {
        String kind = worker.spec().id().name().replaceAll("\\.\\d+$", "");
        return worker.told(worker.spec().named(new WorkerId(kind + "." + ++replaced)));
    }
}
