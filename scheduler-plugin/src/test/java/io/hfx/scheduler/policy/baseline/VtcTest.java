package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeWorker.fleet;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.said;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VtcTest {
    private static final ClassLoader LOADER = VtcTest.class.getClassLoader();
    private static final Slo NONE = slo(0, 0, 0);

    private final FakeWorker worker = new FakeWorker("w0");

    private static Waiting waiting(long id, String tenant, int prompt, Slo slo) {
        return new Waiting(request(id, slo, prompt, 5).withTenant(tenant), 0, false, false);
    }

    private static FakeSequence waits(long id, String tenant, int prompt) {
        return FakeSequence.prefill(request(id, NONE, prompt, 5).withTenant(tenant), 0);
    }

    @Test
    void theNameIsThatOfTheInnerPolicyAndSoAreItsSettings() {
        assertEquals("vtc+edf", Policies.named("vtc+edf", LOADER).name());
        Requests.fleet("vtc+edf", "chunk_tokens=64", "vtc_output_weight=3");
        Requests.step("vtc+hfx", "margin=0.8");
        assertEquals(
                Policies.named("llumnix", LOADER).requires(),
                Policies.named("vtc+llumnix", LOADER).requires());
        assertThrows(IllegalArgumentException.class, () -> Requests.fleet("edf", "vtc_quantum=1"));
        assertThrows(IllegalArgumentException.class, () -> Policies.named("vtc+none", LOADER));
        assertThrows(IllegalArgumentException.class, () -> Policies.named("vtc+", LOADER));
        assertThrows(IllegalArgumentException.class, () -> Policies.named("cfs+edf", LOADER));
        assertThrows(IllegalArgumentException.class, () -> Policies.named("vtc+vtc+edf", LOADER));
    }

    /** Prompts are charged when they are bound, outputs when they are reported. */
    @Test
    void whoWasServedLeastIsNext() {
        FleetPolicy policy = Requests.fleet("vtc+sarathi");
        for (int id = 1; id <= 2; id++) {
            policy.rank(waiting(id, "a", 30, NONE), fleet(0, worker));
            policy.rank(waiting(10 + id, "b", 10, NONE), fleet(0, worker));
        }
        assertEquals("a", policy.line(waiting(1, "a", 30, NONE)));
        assertEquals(0, policy.turn("a"));
        policy.bound(waiting(1, "a", 30, NONE), worker);
        assertEquals(30, policy.turn("a"));
        policy.bound(waiting(11, "b", 10, NONE), worker);
        assertEquals(10, policy.turn("b"));
        worker.outlook = Outlook.NONE.withOutputTokens(Map.of("b", 15L));
        policy.reported(worker);
        assertEquals(40, policy.turn("b"), "2 for each output token");
    }

    @Test
    void whoComesAnewStartsFromTheLeastThatWait() {
        FleetPolicy policy = Requests.fleet("vtc+sarathi");
        for (int id = 1; id <= 3; id++) {
            policy.rank(waiting(id, "a", 30, NONE), fleet(0, worker));
        }
        policy.bound(waiting(1, "a", 30, NONE), worker);
        policy.rank(waiting(9, "b", 10, NONE), fleet(0, worker));
        assertEquals(30, policy.turn("b"), "it has not saved up");
        policy.bound(waiting(2, "a", 30, NONE), worker);
        policy.gone(waiting(3, "a", 30, NONE));
        policy.gone(waiting(9, "b", 10, NONE));
        policy.rank(waiting(10, "c", 10, NONE), fleet(0, worker));
        assertEquals(30, policy.turn("c"), "b waited last, at 30");
    }

    @Test
    void oneThatComesBackIsChargedOnce() {
        FleetPolicy policy = Requests.fleet("vtc+sarathi");
        Waiting request = waiting(1, "a", 30, NONE);
        for (int i = 0; i < 3; i++) {
            policy.rank(request, fleet(0, worker));
            policy.bound(request, worker);
            policy.left(request, worker);
        }
        assertEquals(30, policy.turn("a"));
    }

    @Test
    void nearlyEqualCountersLeaveItToTheInnerPolicy() {
        FleetPolicy policy = Requests.fleet("vtc+edf", "vtc_quantum_tokens=100");
        policy.rank(waiting(1, "a", 99, NONE), fleet(0, worker));
        policy.bound(waiting(1, "a", 99, NONE), worker);
        assertEquals(0, policy.turn("a"));
        policy.rank(waiting(2, "a", 1, NONE), fleet(0, worker));
        policy.bound(waiting(2, "a", 1, NONE), worker);
        assertEquals(1, policy.turn("a"));
    }

    @Test
    void moreTenantsThanAreToldApartShareOneCounter() {
        VtcCounters counters = new VtcCounters();
        for (int i = 0; i < VtcCounters.MOST_TENANTS; i++) {
            assertEquals("t" + i, counters.waits("t" + i));
        }
        assertEquals(VtcCounters.OTHERS, counters.waits("one more"));
        counters.waitsNoLonger("t7");
        assertEquals("another", counters.waits("another"), "t7 is forgotten");
        assertEquals(VtcCounters.MOST_TENANTS + 1, counters.size());
    }

    /** Step by step 10 tokens of a, 10 of b; without turns the 30 of a came first. */
    @Test
    void tenantsTakeTurnsOnAWorker() {
        StepPolicy policy = Requests.step("vtc+round-robin", "chunk_tokens=16");
        FakeSequence[] all = {waits(1, "a", 10), waits(2, "a", 10), waits(3, "b", 10)};
        assertEquals("p1:10 p3:6", said(policy.compose(FakeSequence.view(0, all))));
        assertEquals(
                "p1:10 p2:6",
                said(
                        Requests.step("round-robin", "chunk_tokens=16")
                                .compose(FakeSequence.view(0, all))));
    }

    @Test
    void outputsAreToldOnce() {
        StepPolicy policy = Requests.step("vtc+sarathi", "chunk_tokens=100");
        FakeSequence decoding = FakeSequence.decode(request(1, NONE, 10, 50).withTenant("a"), 0, 3);
        policy.compose(FakeSequence.view(0, decoding, waits(2, "b", 20)));
        assertEquals(Map.of("a", 1L, "b", 1L), policy.outlook().outputTokens());
        assertEquals(Map.of(), policy.outlook().outputTokens());
    }

    /**
     * The real queue: one worker that takes one prompt at a time, 5 requests of a before 2 of b.
     */
    @Test
    void theFloodWaitsBehindItself() {
        Dispatcher dispatcher =
                new Dispatcher(
                        Policies.named("vtc+sarathi", LOADER)
                                .fleet(new PolicyConfig(Map.of("chunk_tokens", "16"))),
                        DispatcherLimits.DEFAULTS);
        List<Long> bound = new ArrayList<>();
        for (int id = 1; id <= 7; id++) {
            String tenant = id <= 5 ? "a" : "b";
            dispatcher.on(
                    new FleetEvent.Arrived(0, request(id, NONE, 20, 5).withTenant(tenant), 0));
        }
        WorkerSpec spec = worker.spec();
        bound.addAll(binds(dispatcher.on(new FleetEvent.WorkerJoined(0, spec))));
        for (int step = 1; step < 7; step++) {
            List<Long> last = List.of(bound.get(bound.size() - 1));
            StepReport report =
                    new StepReport(
                            spec.id(),
                            step,
                            last,
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            new StepReport.Load(0, 0, 0, 0, 1_000, 0),
                            FakeWorker.LATENCY);
            bound.addAll(binds(dispatcher.on(new FleetEvent.Reported(step, report))));
        }
        assertEquals(List.of(1L, 6L, 2L, 7L, 3L, 4L, 5L), bound);
        assertTrue(dispatcher.waiting() == 0);
    }

    private static List<Long> binds(List<FleetCommand> commands) {
        List<Long> ids = new ArrayList<>();
        for (FleetCommand command : commands) {
            if (command instanceof FleetCommand.Send send
                    && send.order() instanceof WorkerOrder.Bind bind) {
                ids.add(bind.requestId());
            }
        }
        return ids;
    }
}
