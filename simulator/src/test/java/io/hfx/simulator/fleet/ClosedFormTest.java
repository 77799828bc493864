package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Runs whose outcome can be worked out with pencil and paper. */
class ClosedFormTest {
    private static final long MS = 1_000_000;
    private static final LatencyModel TRUTH =
            new LatencyModel(5 * MS, 2 * MS, 0.1 * MS, 0, 1 * MS, 0.5 * MS, 0);

    private static SimSettings settings(
            String policy, int maxSequences, StepTiming timing, long delayNanos, boolean learns) {
        WorkerSpec spec =
                new WorkerSpec(
                        new WorkerId("worker-0"),
                        WorkerSpec.Kind.TOKEN_LEVEL,
                        new KvBudget.Slots(16, 4_096),
                        maxSequences,
                        false,
                        timing.model().times(0.5));
        return new SimSettings(
                Scenarios.policy(policy),
                PolicyConfig.DEFAULTS,
                new DispatcherLimits(1_000_000, 1_000_000),
                List.of(new SimWorkerSpec(spec, timing, learns)),
                new NetworkSpec(delayNanos, 0, 1e9, 0),
                1);
    }

    private static SimRequest request(long id, long atNanos, int prompt, int output) {
        return new SimRequest(
                atNanos,
                new RequestSpec(id, SloClass.BEST_EFFORT, 3, List.of(prompt), 1, output),
                output);
    }

    /** Pollaczek and Khinchine: the mean wait of M/D/1 is rho D / (2 (1 - rho)). */
    @Test
    void theMeanWaitIsThatOfAnMD1Queue() {
        StepTiming timing = new StepTiming(TRUTH, 0, 0, 1);
        double serviceNanos = TRUTH.prefillNanos(0, 30);
        double rho = 0.7;
        int requests = 100_000;
        SplittableRandom random = new SplittableRandom(1);
        Iterator<SimRequest> poisson =
                new Iterator<>() {
                    private double atNanos;
                    private long id;

                    @Override
                    public boolean hasNext() {
                        return id < requests;
                    }

                    @Override
                    public SimRequest next() {
                        atNanos += random.nextExponential() * serviceNanos / rho;
                        return request(id++, (long) atNanos, 30, 1);
                    }
                };
        double[] waitNanos = {0};
        RunTotals totals =
                new SimFleet(settings("fcfs", 1, timing, 0, false), SimFleet.Log.NONE)
                        .run(
                                poisson,
                                o ->
                                        waitNanos[0] +=
                                                o.timelines().get(0).ttftNanos() - serviceNanos);
        assertEquals(requests, totals.completed());
        assertEquals(requests, totals.steps());
        double expected = rho * serviceNanos / (2 * (1 - rho));
        assertEquals(expected, waitNanos[0] / requests, 0.03 * expected);
        assertEquals(rho, (double) totals.busyNanos() / totals.workerNanos(), 0.01);
        assertTrue(totals.mostInFlight() < 200, "memory is bounded by what is in flight");
    }

    @Test
    void oneRequestTakesItsChunksItsDecodesAndTheMessage() {
        StepTiming timing = new StepTiming(TRUTH, 0, 3 * MS, 1);
        List<SimOutcome> outcomes =
                new SimFleet(settings("sarathi", 8, timing, 7 * MS, true), SimFleet.Log.NONE)
                        .run(List.of(request(1, 10 * MS, 600, 4)));
        SequenceTimeline timeline = outcomes.get(0).timelines().get(0);
        // chunks of 256, 256 and 88 tokens, each with 5 + 2 ms, and 3 ms between steps
        assertEquals(7 * MS + 3 * (3 + 5 + 2) * MS + 60 * MS, timeline.ttftNanos());
        assertEquals((3 + 5 + 1.5) * MS, timeline.tpotNanos());
        assertEquals(4, timeline.tokens());
    }

    /** Timers that nobody needs any more do not count as time of the run. */
    @Test
    void aRunEndsWithItsLastRequest() {
        StepTiming timing = new StepTiming(TRUTH, 0, 3 * MS, 1);
        SimRequest one = request(1, 10 * MS, 600, 4);
        SimRequest leaving = new SimRequest(10 * MS, one.spec(), 4, 1_000_000 * MS);
        RunTotals totals =
                new SimFleet(settings("sarathi", 8, timing, 7 * MS, true), SimFleet.Log.NONE)
                        .run(List.of(leaving).iterator(), outcome -> {});
        long busyNanos = 3 * (3 + 5 + 2) * MS + 60 * MS + 3 * (long) ((3 + 5 + 1.5) * MS);
        assertEquals(busyNanos, totals.busyNanos());
        assertEquals(10 * MS + 7 * MS + busyNanos + 7 * MS, totals.endNanos());
        assertEquals(totals.endNanos(), totals.workerNanos());
    }

    @Test
    void aBatchOfEqualRequestsDecodesInStep() {
        StepTiming timing = new StepTiming(TRUTH, 0, 0, 1);
        List<SimRequest> eight = new ArrayList<>();
        for (int id = 0; id < 8; id++) {
            eight.add(request(id, 0, 100, 11));
        }
        List<SimOutcome> outcomes =
                new SimFleet(settings("fcfs", 8, timing, 0, true), SimFleet.Log.NONE).run(eight);
        // the first to come starts alone; the other seven follow in one step
        long rest = (5 + 7 * 2 + 70) * MS;
        long decodes = 10 * (5 + 1 + 4) * MS;
        for (SimOutcome outcome : outcomes.subList(1, 8)) {
            assertEquals(17 * MS + rest, outcome.timelines().get(0).ttftNanos());
            assertEquals(17 * MS + rest + decodes, outcome.timelines().get(0).e2eNanos());
        }
    }

    /** The planner's model stays as wrong as it is, or follows what is measured. */
    @Test
    void aModelIsFrozenOrLearns() {
        for (boolean learns : new boolean[] {false, true}) {
            Set<LatencyModel> told = new LinkedHashSet<>();
            SimFleet.Log log =
                    new SimFleet.Log() {
                        @Override
                        public void worker(
                                WorkerId id, WorkerEvent event, List<WorkerCommand> commands) {
                            for (WorkerCommand command : commands) {
                                if (command instanceof WorkerCommand.Report report) {
                                    told.add(report.report().latency());
                                }
                            }
                        }
                    };
            StepTiming timing = new StepTiming(TRUTH, 0, 0, 1);
            new SimFleet(settings("sarathi", 8, timing, 0, learns), log)
                    .run(List.of(request(1, 0, 600, 40)));
            LatencyModel last = List.copyOf(told).get(told.size() - 1);
            double truth = TRUTH.stepNanos(new StepShape(0, 0, 0, 1, 600));
            double guess = last.stepNanos(new StepShape(0, 0, 0, 1, 600));
            assertEquals(learns ? 1 : 0.5, guess / truth, 0.02);
            assertEquals(!learns, told.size() == 1);
        }
    }

    @Test
    void noiseSpreadsTheStepsAndKeepsTheirMedian() {
        StepTiming timing = new StepTiming(TRUTH, 0.2, 0, 1);
        SequenceTimeline timeline =
                new SimFleet(settings("sarathi", 8, timing, 0, true), SimFleet.Log.NONE)
                        .run(List.of(request(1, 0, 100, 2_001)))
                        .get(0)
                        .timelines()
                        .get(0);
        double[] logs =
                Arrays.stream(timeline.itlNanos())
                        .mapToDouble(n -> Math.log(n / (6.5 * MS)))
                        .toArray();
        double mean = Arrays.stream(logs).average().orElseThrow();
        double square = Arrays.stream(logs).map(x -> x * x).average().orElseThrow();
        assertEquals(0, mean, 0.02);
        assertEquals(0.2, Math.sqrt(square), 0.01);
    }
}
