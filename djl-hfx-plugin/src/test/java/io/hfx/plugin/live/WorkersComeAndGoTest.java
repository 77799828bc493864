package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers join and leave while requests run: no token is lost or sent twice, nothing fails. */
@Timeout(120)
class WorkersComeAndGoTest {
    private static final int REQUESTS = 300;

    private static GenerationRequest request(int i) {
        SloClass sloClass = i % 3 == 0 ? SloClass.BEST_EFFORT : LiveFleet.TIGHT;
        return LiveFleet.request(i, sloClass, 1 + 17 * (i % 12), 1 + i % 3, 20 + i % 80);
    }

    private static Listening submit(LiveModelService service, GenerationRequest request) {
        Listening listening = new Listening(request.sequences());
        service.submit(request, listening);
        return listening;
    }

    private static void ready(WorkerHandle worker)
            throws ExecutionException, TimeoutException, InterruptedException {
        worker.ready().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static void drained(WorkerHandle worker, long graceNanos)
            throws ExecutionException, TimeoutException, InterruptedException {
        worker.drain(graceNanos).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static List<Listening> reference() throws Exception {
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            List<Listening> all = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                all.add(submit(service, request(i)).await());
            }
            return all;
        }
    }

    @Test
    void underLoadNothingIsLostOrRepeated() throws Exception {
        List<Listening> expected = reference();
        try (LiveModelService service = LiveFleet.start("hfx", 0, LoopLog.NONE)) {
            Deque<WorkerHandle> workers = new ArrayDeque<>();
            workers.add(service.addWorker());
            List<Listening> all = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                all.add(submit(service, request(i)));
                if (i % 30 == 10) {
                    workers.add(service.addWorker());
                    workers.add(service.addWorker());
                    ready(workers.getLast());
                }
                if (i % 30 == 25) {
                    drained(workers.removeFirst(), i % 2 * 20_000_000L);
                    workers.removeFirst().drain(0);
                }
            }
            for (int i = 0; i < REQUESTS; i++) {
                Listening is = all.get(i).await();
                assertNull(is.refusal, "request " + i);
                assertNull(is.failure, "request " + i);
                assertEquals(expected.get(i).tokens, is.tokens, "request " + i);
                assertEquals(expected.get(i).finished, is.finished, "request " + i);
            }
        }
    }

    @Test
    void aRunningRequestGoesOnAtAnotherWorker() throws Exception {
        GenerationRequest request = LiveFleet.request(1, LiveFleet.TIGHT, 10, 2, 400);
        Listening expected;
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            expected = submit(service, request).await();
        }
        try (LiveModelService service = LiveFleet.start("hfx", 0, LoopLog.NONE)) {
            WorkerHandle first = service.addWorker();
            ready(first);
            Listening listening = submit(service, request);
            assertTrue(listening.first.await(20, TimeUnit.SECONDS));
            WorkerHandle second = service.addWorker();
            ready(second);
            drained(first, 0);
            assertEquals(expected.tokens, listening.await().tokens);
            assertEquals(expected.finished, listening.finished);
            assertEquals(1, service.status().workers().size());
        }
    }

    @Test
    void theLastWorkerEndsWhatRunsAndTheRestIsRefused() throws Exception {
        try (LiveModelService service = LiveFleet.start("hfx", 0, LoopLog.NONE)) {
            Refusal before = submit(service, request(0)).await().refusal;
            assertEquals("no-worker", before.reason());
            assertEquals(503, before.httpStatus());
            WorkerHandle worker = service.addWorker();
            assertNull(service.unavailable());
            Listening early = submit(service, request(1));
            ready(worker);
            assertNull(early.await().refusal, "one that comes while the first starts waits");
            Listening running = submit(service, LiveFleet.request(2, LiveFleet.TIGHT, 10, 1, 400));
            assertTrue(running.first.await(20, TimeUnit.SECONDS));
            var left = worker.drain(0).toCompletableFuture();
            assertEquals("no-worker", submit(service, request(3)).await().refusal.reason());
            assertEquals(WorkerStatus.DRAINING, worker.status().state());
            assertNotNull(running.await().finished.get(0));
            left.get(20, TimeUnit.SECONDS);
            assertEquals(List.of(), service.status().workers());
            ready(service.addWorker());
            assertNull(submit(service, request(4)).await().refusal, "it serves again");
        }
    }

    @Test
    void aWorkerThatIsTakenAwayBeforeItServesNeverDoes() throws Exception {
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            WorkerHandle worker = service.addWorker();
            drained(worker, 0);
            assertThrows(
                    ExecutionException.class, () -> worker.ready().toCompletableFuture().get());
            assertEquals(1, service.status().workers().size());
            assertNull(submit(service, request(0)).await().refusal);
        }
    }

    @Test
    void theEndRefusesWhatWaitsAndGivesWhatRunsSomeTime() throws Exception {
        LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE);
        List<Listening> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            all.add(submit(service, LiveFleet.request(i, LiveFleet.TIGHT, 10, 1, 100)));
        }
        assertTrue(all.get(0).first.await(20, TimeUnit.SECONDS));
        service.close(new Refusal(503, "unregistered", "the model is gone", 0), 10_000_000_000L);
        int refused = 0;
        for (Listening each : all) {
            each.await();
            assertNull(each.failure);
            refused += each.refusal == null ? 0 : 1;
            assertTrue(each.refusal == null || each.refusal.reason().equals("unregistered"));
        }
        assertFalse(refused == 0 || refused == 40, refused + " were refused");
    }

    @Test
    void whatDoesNotEndInTimeFails() throws Exception {
        LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE);
        Listening running = submit(service, LiveFleet.request(1, LiveFleet.TIGHT, 10, 1, 450));
        assertTrue(running.first.await(20, TimeUnit.SECONDS));
        service.close(new Refusal(503, "unregistered", "the model is gone", 0), 1);
        assertEquals("the model is gone", running.await().failure);
    }
}
