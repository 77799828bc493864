package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On a clock of the test's own. */
class BatchSchedulerTest {
    private static final long MS = 1_000_000;
    private static final WorkerId W0 = new WorkerId("w0");
    private static final WorkerId W1 = new WorkerId("w1");

    private final List<String> refused = new ArrayList<>();
    private long nowNanos;
    private long wakeAtNanos = Long.MAX_VALUE;
    private long retryAfterNanos;
    private BatchScheduler<String> scheduler = scheduler(Map.of(), 100);

    private BatchScheduler<String> scheduler(Map<String, String> settings, int most) {
        return new BatchScheduler<>(
                new HfxWhole(),
                new PolicyConfig(settings),
                new DispatcherLimits(most, most),
                new BatchScheduler.Outcomes<>() {
                    @Override
                    public void refused(String job, RefusalReason reason, long retryNanos) {
                        retryAfterNanos = retryNanos;
                        refused.add(job + ":" + reason.label());
                    }

                    @Override
                    public void ready(WorkerId worker) {}

                    @Override
                    public void wakeAfter(long nanos) {
                        wakeAtNanos = nowNanos + nanos;
                    }
                });
    }

    private static SloClass within(long millis) {
        return new SloClass(
                "c" + millis, new Slo(Slo.NONE, Slo.NONE, millis * MS), OnMiss.REJECT, 1);
    }

    private void add(String job, SloClass sloClass) {
        scheduler.add(nowNanos, job, sloClass, 3, 0);
    }

    private void add(String job) {
        add(job, SloClass.BEST_EFFORT);
    }

    /** A worker runs its batch for some time. */
    private void run(WorkerId worker, long millis) {
        nowNanos += millis * MS;
        scheduler.done(nowNanos, worker, millis * MS);
    }

    /** Teaches it how long a batch of one takes. */
    private void learn(long millis) {
        for (int i = 0; i < 20; i++) {
            add("lesson" + i);
            assertEquals(List.of("lesson" + i), scheduler.take(W0));
            run(W0, millis);
        }
    }

    @Test
    void jobsWithoutObjectiveRunInTheOrderOfTheirArrival() {
        scheduler.join(nowNanos, W0, 1);
        List<String> ran = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            add("" + i);
        }
        for (int i = 0; i < 50; i++) {
            ran.addAll(scheduler.take(W0));
            run(W0, 1);
        }
        for (int i = 0; i < 50; i++) {
            assertEquals("" + i, ran.get(i));
        }
        assertEquals(0, scheduler.waiting());
    }

    @Test
    void theEarliestDeadlineGoesFirst() {
        scheduler.join(nowNanos, W0, 1);
        add("running");
        assertEquals(List.of("running"), scheduler.take(W0));
        add("none");
        add("late", within(500));
        add("soon", within(100));
        List<String> ran = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            run(W0, 5);
            ran.addAll(scheduler.take(W0));
        }
        assertEquals(List.of("soon", "late", "none"), ran);
    }

    @Test
    void aJobThatCannotMakeItCostsNoWorker() {
        scheduler.join(nowNanos, W0, 1);
        learn(50);
        add("running");
        assertEquals(List.of("running"), scheduler.take(W0));
        add("tight", within(60));
        assertEquals(List.of(), refused);
        assertTrue(wakeAtNanos <= nowNanos + 10 * MS, "it waits for its last chance only");
        nowNanos = wakeAtNanos;
        scheduler.wake(nowNanos);
        assertEquals(List.of("tight:slo-out-of-reach"), refused);
        add("loose", within(500));
        run(W0, 50);
        assertEquals(List.of("loose"), scheduler.take(W0));
    }

    @Test
    void aSlowFirstBatchDoesNotShutThePlaceForGood() {
        scheduler.join(nowNanos, W0, 1);
        add("cold");
        assertEquals(List.of("cold"), scheduler.take(W0));
        run(W0, 2_000);
        int ran = 0;
        for (int i = 0; i < 200; i++) {
            add("" + i, within(500));
            if (!scheduler.take(W0).isEmpty()) {
                ran++;
                run(W0, 20);
            }
            nowNanos += 100 * MS;
        }
        assertTrue(ran > 150, "only " + ran + " of 200 ran on an idle worker");
    }

    @Test
    void demotedJobsHaveTheBoundOfTheLeftover() {
        scheduler = scheduler(Map.of(), 10);
        scheduler.join(nowNanos, W0, 1);
        learn(50);
        SloClass demoted =
                new SloClass("d", new Slo(60 * MS, Slo.NONE, Slo.NONE), OnMiss.DEMOTE, 1);
        add("running");
        scheduler.take(W0);
        for (int i = 0; i < 30; i++) {
            add("" + i, demoted);
            nowNanos += 10 * MS;
            scheduler.wake(nowNanos);
        }
        assertTrue(scheduler.waiting() <= 20, "waiting: " + scheduler.waiting());
        assertTrue(refused.size() >= 10, refused.toString());
    }

    @Test
    void jobsThatWaitTogetherRunTogether() {
        scheduler.join(nowNanos, W0, 4);
        add("0");
        assertEquals(List.of("0"), scheduler.take(W0));
        for (int i = 1; i <= 5; i++) {
            add("" + i);
        }
        run(W0, 5);
        assertEquals(List.of("1", "2", "3", "4"), scheduler.take(W0));
        run(W0, 5);
        assertEquals(List.of("5"), scheduler.take(W0));
    }

    @Test
    void aBatchStaysSmallEnoughForItsTightestMember() {
        scheduler = scheduler(Map.of("margin", "1"), 100);
        scheduler.join(nowNanos, W0, 8);
        // 10 ms a batch and 10 ms a job
        for (int i = 0; i < 100; i++) {
            int jobs = 1 + i % 8;
            add("hold");
            scheduler.take(W0);
            for (int j = 1; j < jobs; j++) {
                add("lesson");
            }
            run(W0, 20);
            int size = scheduler.take(W0).size();
            if (size > 0) {
                run(W0, 10 + 10L * size);
            }
        }
        add("hold");
        scheduler.take(W0);
        add("tight", within(20 + 45));
        for (int i = 0; i < 7; i++) {
            add("none" + i);
        }
        run(W0, 20);
        List<String> batch = scheduler.take(W0);
        assertEquals("tight", batch.get(0));
        assertTrue(batch.size() >= 2 && batch.size() <= 4, "45 ms are 3 jobs, was " + batch);
    }

    @Test
    void anIdleWorkerWaitsForABatchToFillOnlyAsLongAsAllowed() {
        scheduler = scheduler(Map.of("max_batch_delay_ms", "20"), 100);
        scheduler.join(nowNanos, W0, 2);
        add("0");
        assertEquals(List.of(), scheduler.take(W0));
        assertEquals(nowNanos + 20 * MS, wakeAtNanos);
        add("1");
        assertEquals(List.of("0", "1"), scheduler.take(W0), "it is full");
        run(W0, 5);
        add("2");
        nowNanos = wakeAtNanos;
        scheduler.wake(nowNanos);
        nowNanos += 20 * MS;
        scheduler.wake(nowNanos);
        assertEquals(List.of("2"), scheduler.take(W0), "its time is over");
    }

    @Test
    void jobsWithoutObjectiveKeepTheirShare() {
        scheduler.join(nowNanos, W0, 1);
        for (int i = 0; i < 400; i++) {
            add("none" + i);
        }
        int served = 0;
        for (int i = 0; i < 400; i++) {
            add("slo", within(60_000));
            add("slo", within(60_000));
            served += scheduler.take(W0).get(0).startsWith("none") ? 1 : 0;
            run(W0, 1);
        }
        assertEquals(20, served, 2, "5 % of 400");
    }

    @Test
    void eachKindOfJobHasABoundOfItsOwn() {
        scheduler = scheduler(Map.of(), 2);
        for (int i = 0; i < 3; i++) {
            add("none" + i);
            add("slo" + i, within(1_000));
        }
        assertEquals(List.of("none2:queue-full", "slo2:queue-full"), refused);
    }

    @Test
    void aRefusalSaysWhenTheQueueWillBeEmpty() {
        scheduler.join(nowNanos, W0, 1);
        learn(50);
        for (int i = 0; i <= 101; i++) {
            add("none" + i);
        }
        assertEquals(List.of("none101:queue-full"), refused);
        long drainNanos = 100 * 50 * MS;
        assertTrue(Math.abs(retryAfterNanos - drainNanos) < drainNanos / 20, "" + retryAfterNanos);
    }

    @Test
    void aBatchThatWaitsToFillStartsWhenItsOldestMemberHasWaitedLongEnough() {
        scheduler = scheduler(Map.of("max_batch_delay_ms", "20"), 100);
        scheduler.join(nowNanos, W0, 4);
        for (int i = 0; i < 4; i++) {
            add("running");
        }
        scheduler.take(W0);
        add("oldest");
        nowNanos += 15 * MS;
        add("tightest", within(500));
        nowNanos += 5 * MS;
        scheduler.wake(nowNanos);
        run(W0, 5);
        assertEquals(List.of("tightest", "oldest"), scheduler.take(W0));
    }

    @Test
    void aBatchThatFailedTeachesNothing() {
        scheduler.join(nowNanos, W0, 1);
        learn(20);
        for (int i = 0; i < 20; i++) {
            add("fails");
            scheduler.take(W0);
            nowNanos += MS;
            scheduler.done(nowNanos, W0, 0);
        }
        add("running");
        scheduler.take(W0);
        add("tight", within(30));
        nowNanos += 15 * MS;
        scheduler.wake(nowNanos);
        assertEquals(List.of("tight:slo-out-of-reach"), refused, "it takes 20 ms, not one");
    }

    /** Runs one batch of everything that waits, and gives what is known afterwards. */
    private LatencyModel after(long nanos, int jobs) {
        for (int i = 0; i < jobs; i++) {
            add("job" + i);
        }
        assertEquals(jobs, scheduler.take(W0).size());
        nowNanos += nanos;
        scheduler.done(nowNanos, W0, nanos);
        return scheduler.latency(W0);
    }

    @Test
    void ofBatchesOfOneSizeOneAMillisecondIsLearntFrom() {
        scheduler.join(nowNanos, W0, 1);
        LatencyModel first = after(300_000, 1);
        assertEquals(first, after(900_000, 1));
        assertNotEquals(first, after(900_000, 1));
    }

    @Test
    void aBatchThatFailedDoesNotKeepTheNextFromBeingLearntFrom() {
        scheduler.join(nowNanos, W0, 1);
        add("failed");
        assertEquals(List.of("failed"), scheduler.take(W0));
        scheduler.done(nowNanos, W0, 0);
        LatencyModel before = scheduler.latency(W0);
        assertNotEquals(before, after(300_000, 1));
    }

    @Test
    void whatWasLearntStaysWhenTheLastWorkerLeaves() {
        scheduler.join(nowNanos, W0, 1);
        learn(50);
        scheduler.lost(nowNanos, W0);
        scheduler.join(nowNanos, W1, 1);
        add("running");
        scheduler.take(W1);
        add("tight", within(60));
        nowNanos += 20 * MS;
        scheduler.wake(nowNanos);
        assertEquals(List.of("tight:slo-out-of-reach"), refused);
    }

    @Test
    void anIdleWorkerThatNeverRanIsNotTakenForAFastOne() {
        scheduler.join(nowNanos, W0, 1);
        scheduler.join(nowNanos, W1, 1);
        learn(50);
        for (int i = 0; i < 2; i++) {
            add("running", within(10_000));
        }
        assertEquals(List.of("running"), scheduler.take(W0));
        assertEquals(List.of("running"), scheduler.take(W1));
        add("tight", within(40));
        assertEquals(List.of("tight:slo-out-of-reach"), refused);
    }

    @Test
    void whatIsClearedIsForgotten() {
        scheduler.join(nowNanos, W0, 1);
        scheduler.join(nowNanos, W1, 1);
        add("taken");
        assertEquals(List.of("taken"), scheduler.take(W0));
        add("planned");
        add("waits", within(500));
        assertEquals(List.of("planned", "waits"), scheduler.clear(nowNanos));
        assertEquals(List.of(), scheduler.take(W1));
        assertEquals(0, scheduler.waiting());
        add("next");
        assertEquals(List.of("next"), scheduler.take(W1));
        run(W0, 1);
        assertEquals(List.of(), scheduler.take(W0));
    }

    @Test
    void aLostWorkersUntakenJobsGoToAnother() {
        scheduler.join(nowNanos, W0, 1);
        add("taken");
        assertEquals(List.of("taken"), scheduler.take(W0));
        scheduler.join(nowNanos, W1, 1);
        add("planned");
        add("waits");
        assertEquals(List.of("planned", "waits"), scheduler.untaken());
        scheduler.lost(nowNanos, W1);
        scheduler.lost(nowNanos, W0);
        assertEquals(2, scheduler.waiting());
        scheduler.join(nowNanos, W1, 1);
        assertEquals(List.of("planned"), scheduler.take(W1));
        run(W1, 1);
        assertEquals(List.of("waits"), scheduler.take(W1));
        run(W1, 1);
        assertEquals(List.of(), scheduler.take(W1), "what a lost worker ran is over");
    }
}
