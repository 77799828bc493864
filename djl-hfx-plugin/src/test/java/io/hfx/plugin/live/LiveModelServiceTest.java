package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.service.GenerationListener.FinishReason;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class LiveModelServiceTest {
    private static Listening submit(LiveModelService service, GenerationRequest request) {
        Listening listening = new Listening(request.sequences());
        service.submit(request, listening);
        return listening;
    }

    private static void awaitIdle(LiveModelService service) throws InterruptedException {
        long untilNanos = System.nanoTime() + 10_000_000_000L;
        while (held(service) > 0 && System.nanoTime() < untilNanos) {
            Thread.onSpinWait();
        }
        assertEquals(0, held(service));
    }

    private static int held(LiveModelService service) {
        ServiceStatus status = service.status();
        return status.waiting()
                + status.running()
                + status.workers().stream()
                        .mapToInt(ServiceStatus.WorkerStatus::runningSequences)
                        .sum();
    }

    @ParameterizedTest
    @MethodSource("io.hfx.plugin.live.LiveFleet#policies")
    void everyRequestGetsItsTokens(String policy) throws Exception {
        try (LiveModelService service = LiveFleet.start(policy, 2, LoopLog.NONE)) {
            List<Listening> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                SloClass c = i % 3 == 0 ? SloClass.BEST_EFFORT : LiveFleet.TIGHT;
                all.add(submit(service, LiveFleet.request(i, c, 1 + 7 * i, 1, 1 + i % 20)));
            }
            for (int i = 0; i < 60; i++) {
                Listening listening = all.get(i).await();
                assertEquals(1 + i % 20, listening.tokens.get(0).size(), "request " + i);
                assertEquals(FinishReason.LENGTH, listening.finished.get(0));
            }
            awaitIdle(service);
        }
    }

    @Test
    void choicesShareAPrefill() throws Exception {
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            Listening listening =
                    submit(service, LiveFleet.request(1, LiveFleet.TIGHT, 100, 4, 5)).await();
            assertEquals(4, listening.tokens.size());
            listening.tokens.values().forEach(t -> assertEquals(5, t.size()));
        }
    }

    @Test
    void aClientThatLeavesFreesWhatItHeld() throws Exception {
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            Listening listening =
                    submit(service, LiveFleet.request(1, LiveFleet.TIGHT, 10, 1, 500));
            listening.first.await();
            service.cancel(1);
            awaitIdle(service);
            assertTrue(listening.finished.isEmpty());
            assertNull(listening.failure);
        }
    }

    /** Its other choices are still planned when the client leaves as one ends. */
    @Test
    void aClientThatLeavesAsOneChoiceEndsHarmsNobody() throws Exception {
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            Listening leaving =
                    new Listening(3) {
                        @Override
                        public synchronized void finished(int sequence, FinishReason reason) {
                            service.cancel(1);
                        }
                    };
            service.submit(LiveFleet.request(1, LiveFleet.TIGHT, 10, 3, 400), leaving);
            leaving.first.await();
            Listening other = submit(service, LiveFleet.request(2, LiveFleet.TIGHT, 10, 1, 200));
            other.first.await();
            service.stop(1, 1);
            assertEquals(200, other.await().tokens.get(0).size());
            awaitIdle(service);
            assertEquals(Map.of(), service.status().failures());
        }
    }

    @Test
    void aStoppedSequenceIsFinished() throws Exception {
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            Listening listening =
                    submit(service, LiveFleet.request(1, LiveFleet.TIGHT, 10, 1, 500));
            listening.first.await();
            service.stop(1, 0);
            assertEquals(FinishReason.STOP, listening.await().finished.get(0));
            awaitIdle(service);
        }
    }

    @Test
    void whatCannotMakeItIsRefusedWithAReason() throws Exception {
        Slo tiny = new Slo(1, Slo.NONE, Slo.NONE);
        try (LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE)) {
            SloClass c = new SloClass("strict", tiny, OnMiss.REJECT, 1);
            Listening late = submit(service, LiveFleet.request(1, c, 10, 1, 5)).await();
            assertEquals(429, late.refusal.httpStatus());
            assertEquals("slo-out-of-reach", late.refusal.reason());
            Listening tooLong =
                    submit(service, LiveFleet.request(2, LiveFleet.TIGHT, 510, 1, 5)).await();
            assertEquals("too-long", tooLong.refusal.reason());
        }
    }

    @Test
    void closingEndsEveryRequest() throws Exception {
        LiveModelService service = LiveFleet.start("hfx", 1, LoopLog.NONE);
        List<Listening> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            all.add(submit(service, LiveFleet.request(i, LiveFleet.TIGHT, 10, 1, 500)));
        }
        all.get(0).first.await();
        service.close();
        for (Listening listening : all) {
            listening.await();
            assertTrue(listening.failure != null || listening.refusal != null);
        }
        Listening later = submit(service, LiveFleet.request(99, LiveFleet.TIGHT, 10, 1, 5));
        assertNotNull(later.await().refusal);
    }

    @Test
    void aPolicyThatKnowsTheFutureIsRefused() {
        Policy oracle =
                new Policy() {
                    @Override
                    public String name() {
                        return "oracle";
                    }

                    @Override
                    public FleetPolicy fleet(PolicyConfig config) {
                        throw new AssertionError("not asked");
                    }

                    @Override
                    public StepPolicy step(PolicyConfig config) {
                        throw new AssertionError("not asked");
                    }

                    @Override
                    public Set<Capability> requires() {
                        return Set.of(Capability.INTERRUPT, Capability.OUTPUT_LENGTH_ORACLE);
                    }
                };
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                new LiveSettings(
                                        oracle,
                                        PolicyConfig.DEFAULTS,
                                        DispatcherLimits.DEFAULTS,
                                        RestartLimits.DEFAULTS));
        assertEquals(
                "policy oracle needs [OUTPUT_LENGTH_ORACLE]: it runs simulated only",
                e.getMessage());
    }
}
