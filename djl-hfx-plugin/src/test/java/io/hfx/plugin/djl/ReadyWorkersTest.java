package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A queue wakes a worker when it hears that the worker is ready, and at no other time: so it must
 * hear of every batch, whatever led to it.
 */
class ReadyWorkersTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SEEDS = 100;
    private static final int EVENTS = 300;

    private static final class Run implements BatchScheduler.Outcomes<Integer> {
        private final long seed;
        private final SplittableRandom random;
        private final BatchScheduler<Integer> scheduler;
        private final Map<String, Boolean> busy = new TreeMap<>();
        private final Set<WorkerId> ready = new HashSet<>();
        private final Map<Integer, String> ends = new HashMap<>();
        private long nowNanos;
        private int jobs;

        Run(long seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
            String delayMillis = random.nextBoolean() ? "0" : "3";
            scheduler =
                    new BatchScheduler<>(
                            new HfxWhole(),
                            new PolicyConfig(Map.of("max_batch_delay_ms", delayMillis)),
                            new DispatcherLimits(20, 20),
                            this);
        }

        @Override
        public void refused(Integer job, RefusalReason reason, long retryAfterNanos) {
            over(job, "refused");
        }

        @Override
        public void ready(WorkerId worker) {
            ready.add(worker);
        }

        @Override
        public void wakeAfter(long nanos) {}

        private void over(int job, String how) {
            assertEquals(null, ends.put(job, how), "seed " + seed + ", job " + job);
        }

        private SloClass sloClass() {
            if (random.nextInt(3) == 0) {
                return SloClass.BEST_EFFORT;
            }
            OnMiss onMiss = random.nextBoolean() ? OnMiss.REJECT : OnMiss.DEMOTE;
            return new SloClass(
                    "c", new Slo(Slo.NONE, Slo.NONE, (1 + random.nextLong(40)) * MS), onMiss, 1);
        }

        void event() {
            nowNanos += random.nextLong(4 * MS);
            String name = "w" + random.nextInt(3);
            WorkerId worker = new WorkerId(name);
            Boolean runs = busy.get(name);
            int choice = random.nextInt(10);
            if (choice < 5) {
                scheduler.add(nowNanos, ++jobs, sloClass(), random.nextInt(3), 0);
            } else if (choice == 5) {
                scheduler.wake(nowNanos);
            } else if (runs == null) {
                busy.put(name, false);
                scheduler.join(nowNanos, worker, 1 + random.nextInt(3));
            } else if (choice == 6 && random.nextInt(4) == 0) {
                busy.remove(name);
                ready.remove(worker);
                scheduler.lost(nowNanos, worker);
            } else if (runs) {
                busy.put(name, false);
                scheduler.done(nowNanos, worker, 1 + random.nextLong(8 * MS));
            } else {
                take(name, worker);
            }
        }

        private void take(String name, WorkerId worker) {
            List<Integer> batch = scheduler.take(worker);
            String message = "seed " + seed + ", " + name + " got " + batch;
            assertEquals(ready.remove(worker), !batch.isEmpty(), message);
            batch.forEach(job -> over(job, name));
            if (!batch.isEmpty()) {
                busy.put(name, true);
            }
        }
    }

    @Test
    void aWorkerHearsOfEveryBatchOnce() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Run run = new Run(seed);
            for (int i = 0; i < EVENTS; i++) {
                run.event();
            }
        }
    }
}
