package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.executor.ExecutorException;
import io.hfx.engine.executor.KvExhaustedException;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.plugin.live.FaultyExecutor.Call;
import io.hfx.plugin.live.FaultyExecutor.Faults;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.plugin.service.Token;
import io.hfx.plugin.service.WorkerFailure;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A worker fails at any call of its executor, with any error: the requests concerned end in one
 * clear error, the others are complete, no token is lost or sent twice, and the next one is served.
 */
@Timeout(120)
class WorkerFailuresTest {
    private static final int REQUESTS = 12;

    /** What a call may throw, and what it counts as. */
    enum Thrown {
        KV(WorkerFailure.KV_EXHAUSTED),
        HEAP(WorkerFailure.OUT_OF_MEMORY),
        RUNTIME(WorkerFailure.EXECUTOR),
        ARENA(WorkerFailure.OUT_OF_MEMORY),
        BUG(WorkerFailure.INTERNAL),
        STACK(WorkerFailure.INTERNAL);

        private final WorkerFailure cause;

        Thrown(WorkerFailure cause) {
            this.cause = cause;
        }

        Throwable error() {
            return switch (this) {
                case KV -> new KvExhaustedException("all 8 KV slots are taken");
                case HEAP -> new OutOfMemoryError("Java heap space");
                case RUNTIME -> new ExecutorException("piece 3", new Exception("bad node"));
                case ARENA ->
                        new ExecutorException(
                                "piece 3",
                                new Exception("Failed to allocate memory for requested buffer"));
                case BUG -> new IllegalStateException("told to fail");
                case STACK -> new StackOverflowError();
            };
        }
    }

    private final Faults faults = new Faults();

    private LiveModelService start(int workers) {
        Supplier<TokenExecutor> executors = () -> new FaultyExecutor(LiveFleet.executor(), faults);
        return LiveFleet.start("hfx", executors, workers, LoopLog.NONE);
    }

    private static GenerationRequest request(int i) {
        SloClass sloClass = i % 3 == 0 ? SloClass.BEST_EFFORT : LiveFleet.TIGHT;
        return LiveFleet.request(i, sloClass, 1 + 17 * i, 1 + i % 3, 4 + i);
    }

    private static List<Listening> submitAll(LiveModelService service) {
        List<Listening> all = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            Listening listening = new Listening(request(i).sequences());
            service.submit(request(i), listening);
            all.add(listening);
        }
        return all;
    }

    /** What a service without faults says. */
    private static List<Listening> reference() throws Exception {
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            List<Listening> all = submitAll(service);
            for (Listening listening : all) {
                listening.await();
            }
            return all;
        }
    }

    private static void await(BooleanSupplier condition) {
        long untilNanos = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < untilNanos, "not within 20 s");
            Thread.onSpinWait();
        }
    }

    private static void assertServes(LiveModelService service) throws Exception {
        Listening next = new Listening(1);
        service.submit(LiveFleet.request(1_000, LiveFleet.TIGHT, 10, 1, 3), next);
        assertEquals(3, next.await().tokens.get(0).size());
    }

    private static void await(LiveModelService service, int ready) {
        await(
                () ->
                        service.status().workers().stream()
                                        .filter(w -> w.state().equals(WorkerStatus.READY))
                                        .count()
                                == ready);
    }

    /** Returns how many requests failed. */
    private static int check(List<Listening> expected, List<Listening> all, WorkerFailure cause)
            throws InterruptedException {
        int failed = 0;
        for (int i = 0; i < REQUESTS; i++) {
            Listening is = all.get(i).await();
            assertNull(is.refusal, "request " + i);
            if (is.failure == null) {
                assertEquals(expected.get(i).tokens, is.tokens, "request " + i);
                assertEquals(expected.get(i).finished, is.finished, "request " + i);
            } else {
                assertEquals(cause.message(), is.failure);
                failed++;
                for (var tokens : is.tokens.entrySet()) {
                    List<Token> whole = expected.get(i).tokens.get(tokens.getKey());
                    assertEquals(whole.subList(0, tokens.getValue().size()), tokens.getValue());
                }
            }
        }
        return failed;
    }

    private void failOnce(List<Listening> expected, Call call, int skip, Thrown thrown)
            throws Exception {
        try (LiveModelService service = start(1)) {
            faults.arm(call, skip, 1, thrown::error);
            List<Listening> all = submitAll(service);
            WorkerFailure cause = call == Call.NAN ? WorkerFailure.INVALID_LOGITS : thrown.cause;
            int failed = check(expected, all, cause);
            assertEquals(0, faults.left(), call + " was not called " + skip + " times");
            boolean ofOne = call != Call.BEGIN && call != Call.ADVANCE;
            assertTrue(ofOne ? failed == 1 : failed >= 1, failed + " failed");
            await(service, 1);
            assertServes(service);
            ServiceStatus status = service.status();
            assertEquals(Map.of(cause, 1L), status.failures());
            await(() -> service.status().restarts().equals(Map.of(cause, 1L)));
            assertEquals("worker-1", status.workers().get(0).id());
            await(() -> service.status().waiting() + service.status().running() == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "OPEN,0",
        "OPEN,1",
        "OPEN,9",
        "FORK,0",
        "FORK,5",
        "BEGIN,0",
        "BEGIN,1",
        "BEGIN,12",
        "ADVANCE,0",
        "ADVANCE,1",
        "ADVANCE,2",
        "ADVANCE,3",
        "ADVANCE,4",
        "ADVANCE,17",
        "LOGITS,0",
        "LOGITS,1",
        "LOGITS,2",
        "LOGITS,30",
        "LOGITS,60",
        "NAN,0",
        "NAN,7",
        "NAN,25"
    })
    void atAnyCall(Call call, int skip) throws Exception {
        failOnce(reference(), call, skip, Thrown.BUG);
    }

    @ParameterizedTest
    @EnumSource(Thrown.class)
    void withAnyError(Thrown thrown) throws Exception {
        List<Listening> expected = reference();
        failOnce(expected, Call.ADVANCE, 5, thrown);
        failOnce(expected, Call.OPEN, 3, thrown);
    }

    @Test
    void theOtherWorkersGoOn() throws Exception {
        List<Listening> expected = reference();
        try (LiveModelService service = start(2)) {
            faults.arm(Call.ADVANCE, 10, 3, Thrown.BUG::error);
            check(expected, submitAll(service), WorkerFailure.INTERNAL);
            await(service, 2);
            assertServes(service);
        }
    }

    @Test
    void anExecutorThatFailsToCloseIsReplacedAllTheSame() throws Exception {
        List<Listening> expected = reference();
        Faults closing = new Faults();
        Supplier<TokenExecutor> executors =
                () -> new FaultyExecutor(new FaultyExecutor(LiveFleet.executor(), closing), faults);
        try (LiveModelService service = LiveFleet.start("hfx", executors, 1, LoopLog.NONE)) {
            closing.arm(Call.CLOSE, 0, 1, Thrown.BUG::error);
            faults.arm(Call.ADVANCE, 10, 1, Thrown.HEAP::error);
            check(expected, submitAll(service), WorkerFailure.OUT_OF_MEMORY);
            assertEquals(0, closing.left());
            assertServes(service);
        }
    }

    /** The first attempts to restart fail too; what waits is served when one does not. */
    @Test
    void requestsWaitForARestart() throws Exception {
        List<Listening> expected = reference();
        Faults creating = new Faults();
        Supplier<TokenExecutor> executors =
                () ->
                        new FaultyExecutor(
                                new FaultyExecutor(LiveFleet.executor(), creating), faults);
        try (LiveModelService service = LiveFleet.start("hfx", executors, 1, LoopLog.NONE)) {
            creating.arm(Call.CREATE, 0, 2, Thrown.HEAP::error);
            faults.arm(Call.ADVANCE, 10, 1, Thrown.BUG::error);
            List<Listening> all = submitAll(service);
            check(expected, all, WorkerFailure.INTERNAL);
            assertServes(service);
            assertEquals(2, service.status().failures().get(WorkerFailure.OUT_OF_MEMORY));
            assertNull(service.unavailable());
        }
    }

    @Test
    void aWorkerThatFailsTooOftenIsGivenUpAndEveryRequestIsToldSo() throws Exception {
        try (LiveModelService service = start(1)) {
            faults.arm(Call.BEGIN, 0, Integer.MAX_VALUE, Thrown.BUG::error);
            List<Listening> all = submitAll(service);
            for (Listening listening : all) {
                listening.await();
                assertTrue(listening.failure != null || listening.refusal != null);
                if (listening.refusal != null) {
                    assertEquals("no-worker", listening.refusal.reason());
                    assertEquals(503, listening.refusal.httpStatus());
                }
            }
            await(() -> service.unavailable() != null);
            assertEquals(WorkerStatus.GONE, service.status().workers().get(0).state());
            Listening late = new Listening(1);
            service.submit(LiveFleet.request(500, LiveFleet.TIGHT, 10, 1, 3), late);
            assertEquals("no-worker", late.await().refusal.reason());
            await(() -> service.status().waiting() + service.status().running() == 0);
        }
    }

    @Test
    void aModelWhoseFirstWorkerFailsDoesNotStart() {
        faults.arm(Call.CREATE, 1, 1, Thrown.HEAP::error);
        assertThrows(OutOfMemoryError.class, () -> start(2));
        assertEquals(0, faults.left());
    }

    /** The budget slides: what is long past counts no more, and pauses grow within the window. */
    @Test
    void restartsAreBoundedWithinAWindow() {
        RestartBudget budget = new RestartBudget(new RestartLimits(3, 1_000, 10));
        assertEquals(10, budget.take(0).orElseThrow());
        assertEquals(40, budget.take(100).orElseThrow());
        assertEquals(160, budget.take(200).orElseThrow());
        assertTrue(budget.take(1_000).isEmpty());
        assertEquals(160, budget.take(1_001).orElseThrow());
        assertTrue(budget.take(1_050).isEmpty());
        assertEquals(10, budget.take(5_000).orElseThrow());
    }
}
