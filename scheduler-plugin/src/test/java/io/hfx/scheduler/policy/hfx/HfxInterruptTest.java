package io.hfx.scheduler.policy.hfx;

import static io.hfx.scheduler.policy.baseline.FakeWorker.MS;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.baseline.Requests;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.step.StepPlanner;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A worker runs 399 tokens without objective, 400 ms in ten layers, when a prompt of 19 tokens
 * comes: 1 ms a step, a prefill token and a decode.
 */
class HfxInterruptTest {
    private static final int LAYERS = 10;
    private static final long LAYER_MILLIS = 40;

    private final StepPlanner planner =
            new StepPlanner(
                    new WorkerSpec(
                            new WorkerId("w"),
                            WorkerSpec.Kind.TOKEN_LEVEL,
                            new KvBudget.Slots(4, 1_000),
                            4,
                            true,
                            new LatencyModel(MS, 0, MS, 0, 0, MS, 0)),
                    Requests.step("hfx"));
    private long nowMillis;
    private long orders;

    @BeforeEach
    void theLooseStepRuns() {
        assertEquals("run p1:399", bind(request(1, Slo.BEST_EFFORT, 399, 1)));
        assertEquals("proceed", layer(1));
    }

    private String bind(RequestSpec request) {
        return tell(
                new WorkerEvent.Ordered(
                        nowMillis * MS,
                        new WorkerOrder.Bind(++orders, request, 0, false, List.of())));
    }

    /** The running step, of the loose prompt, has had so many of its layers. */
    private String layer(int done) {
        nowMillis += LAYER_MILLIS;
        return tell(new WorkerEvent.SliceDone(nowMillis * MS, done, LAYERS));
    }

    /** The running step ends after so long; nothing is learnt from it. */
    private String stepDone(long millis) {
        nowMillis += millis;
        return tell(new WorkerEvent.StepDone(nowMillis * MS, List.of(), 0));
    }

    private String tell(WorkerEvent event) {
        return planner.on(event).stream()
                .map(HfxInterruptTest::brief)
                .filter(said -> !said.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String brief(WorkerCommand command) {
        if (command instanceof WorkerCommand.Run run) {
            return "run " + brief(run.plan());
        }
        boolean told =
                command instanceof WorkerCommand.Report || command instanceof WorkerCommand.Release;
        return told ? "" : command.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static String brief(StepPlan plan) {
        return Stream.concat(
                        plan.decodes().stream().map(key -> "d" + key.requestId()),
                        plan.chunks().stream()
                                .map(c -> "p" + c.sequence().requestId() + ":" + c.tokens()))
                .collect(Collectors.joining(" "));
    }

    @Test
    void aTighterPromptStartsAfterTheRunningLayer() {
        assertEquals("", bind(request(2, slo(100, 0, 0), 19, 1)));
        assertEquals("suspend, run p2:19", layer(2));
        assertEquals("resume", stepDone(20));
        assertEquals("proceed", layer(3), "no layer is run again");
    }

    @Test
    void whatCanWaitForTheStepInterruptsNothing() {
        assertEquals("", bind(request(2, slo(500, 0, 0), 19, 1)));
        for (int done = 2; done < LAYERS; done++) {
            assertEquals("proceed", layer(done));
        }
        assertEquals("run p2:19", stepDone(LAYER_MILLIS));
    }

    @Test
    void aDecodeThatCannotWaitForTheRestGoesBeforeIt() {
        assertEquals("", bind(request(2, slo(100, 10, 0), 19, 12)));
        assertEquals("suspend, run p2:19", layer(2));
        assertEquals("run d2", stepDone(20));
        for (int i = 0; i < 6; i++) {
            assertEquals("run d2", stepDone(2));
        }
        assertEquals("resume", stepDone(2), "after eight steps");
        assertEquals("suspend, run d2", layer(3), "for one layer");
    }

    @Test
    void aDecodeThatCanWaitForTheRestDoes() {
        assertEquals("", bind(request(2, slo(100, 40, 0), 19, 12)));
        assertEquals("suspend, run p2:19", layer(2));
        assertEquals("resume", stepDone(20));
        assertEquals("proceed", layer(3));
    }

    @Test
    void leftoverWorkDoesNotGoBeforeTheOpenStep() {
        assertEquals("", bind(request(2, Slo.BEST_EFFORT, 30, 1)));
        assertEquals("", bind(request(3, slo(100, 0, 0), 19, 1)));
        assertEquals("suspend, run p3:19", layer(2));
        assertEquals("resume", stepDone(20));
    }

    /** 399 tokens whose first one is due 50 ms after their step. */
    private void aStepInTimeRuns() {
        for (int done = 2; done < LAYERS; done++) {
            assertEquals("proceed", layer(done));
        }
        assertEquals("", stepDone(LAYER_MILLIS));
        assertEquals("run p2:399", bind(request(2, slo(450, 0, 0), 399, 1)));
    }

    @Test
    void whatWouldMakeAFirstTokenOfTheStepLateInterruptsNothing() {
        aStepInTimeRuns();
        assertEquals("", bind(request(3, slo(100, 0, 0), 50, 1)));
        assertEquals("proceed", layer(1));
    }

    @Test
    void stepsBeforeTheOpenOneLeaveItTimeForItsFirstTokens() {
        aStepInTimeRuns();
        assertEquals("", bind(request(3, slo(100, 0, 0), 19, 1)));
        assertEquals("", bind(request(4, slo(10_000, 0, 0), 300, 1)));
        // 50 ms are left for others
        assertEquals("suspend, run p3:19 p4:16", layer(1));
        assertEquals("resume", stepDone(36));
    }
}
