package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.emulated.EmulatedExecutor;
import io.hfx.engine.emulated.EmulatedOptions;
import io.hfx.engine.emulated.LatencyProfile;
import io.hfx.engine.emulated.Waiting;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A live worker takes its inbox in after each layer; the test lets the layers run. */
@Timeout(60)
class InterruptTest {
    private static final int LAYERS = 8;

    /** No clock decides: it goes before work without objective whenever it comes. */
    private static final SloClass TIGHT =
            new SloClass(
                    "tight", new Slo(3_600_000_000_000L, Slo.NONE, Slo.NONE), OnMiss.DEMOTE, 1);

    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
    private final Gate gate = new Gate();

    /** When each request was read, as the worker's planner knows it. */
    private final Map<Long, Long> readNanos = new ConcurrentHashMap<>();

    /** Which steps the worker's planner wants. */
    private final LoopLog log =
            new LoopLog() {
                @Override
                public void worker(
                        WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {
                    if (event instanceof WorkerEvent.Ordered ordered) {
                        ordered.orders().forEach(order -> heard(order, event.atNanos()));
                    }
                    for (WorkerCommand command : commands) {
                        if (command instanceof WorkerCommand.Run run) {
                            ran.add("run " + run.plan().chunks().get(0).sequence().requestId());
                        } else if (command instanceof WorkerCommand.Suspend) {
                            ran.add("suspend");
                        } else if (command instanceof WorkerCommand.Resume) {
                            ran.add("resume");
                        }
                    }
                }
            };

    private void heard(WorkerOrder order, long atNanos) {
        if (order instanceof WorkerOrder.Bind bind) {
            readNanos.put(bind.requestId(), atNanos - bind.ageNanos());
        }
    }

    /** Layers wait here to be let through, once it is shut. */
    private final class Gate implements Waiting {
        private final Semaphore arrived = new Semaphore(0);
        private final Semaphore passes = new Semaphore(0);
        private volatile boolean shut;

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public void until(long deadlineNanos) {
            if (shut) {
                ran.add("layer");
                arrived.release();
                passes.acquireUninterruptibly();
            }
        }

        /** Waits until that many more layers have come to the gate. */
        void await(int layers) throws InterruptedException {
            assertTrue(arrived.tryAcquire(layers, 20, TimeUnit.SECONDS), ran::toString);
        }
    }

    /** So that the age of the request at the dispatcher cannot make up for that time. */
    private static void lieInTheInboxForLongerThan(long nanos) {
        long fromNanos = System.nanoTime();
        while (System.nanoTime() - fromNanos <= nanos) {
            Thread.onSpinWait();
        }
    }

    private TokenExecutor executor() {
        return new EmulatedExecutor(
                new EmulatedOptions(
                        "test", 100, LiveFleet.SLOTS, 512, 4_096, 64, LAYERS, Set.of(0)),
                new LatencyProfile(1, 1, 0, 1, 1, 0),
                gate);
    }

    @Test
    void aTighterPromptStartsAfterTheRunningLayerAndNoneIsRunAgain() throws Exception {
        try (LiveModelService service = LiveFleet.start("flowprefill", this::executor, 1, log)) {
            gate.shut = true;
            Listening loose = new Listening(1);
            service.submit(LiveFleet.request(1, SloClass.BEST_EFFORT, 400, 1, 1), loose);
            gate.passes.release(3);
            gate.await(4);
            Listening tight = new Listening(1);
            long askedNanos = System.nanoTime();
            service.submit(LiveFleet.request(2, TIGHT, 20, 1, 1), tight);
            // once the dispatcher has answered the next one, this one is in the worker's inbox
            Listening tooLong = new Listening(1);
            service.submit(LiveFleet.request(3, TIGHT, 510, 1, 5), tooLong);
            assertEquals("too-long", tooLong.await().refusal.reason());
            long orderedNanos = System.nanoTime();
            lieInTheInboxForLongerThan(orderedNanos - askedNanos);
            gate.passes.release(100);
            assertEquals(1, tight.await().tokens.get(0).size());
            assertEquals(1, loose.await().tokens.get(0).size());
            assertTrue(
                    readNanos.get(2L) - orderedNanos <= 0,
                    "the time in the worker's inbox counts to its age");
        }
        List<String> expected = new ArrayList<>(List.of("run 1"));
        expected.addAll(Collections.nCopies(4, "layer"));
        expected.addAll(List.of("suspend", "run 2"));
        expected.addAll(Collections.nCopies(LAYERS, "layer"));
        expected.add("resume");
        expected.addAll(Collections.nCopies(LAYERS - 4, "layer"));
        assertEquals(expected, ran);
    }
}
