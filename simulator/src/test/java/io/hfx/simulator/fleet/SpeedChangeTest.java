package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.FitError;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As the dispatcher sees it: what reports say of a step as it begins, against what it took. */
class SpeedChangeTest {
    private static final long CHANGE_NANOS = 30_000_000_000L;

    /** Keeps the error of each step's predicted time, and where the speed changed. */
    private static final class Predictions implements SimFleet.Log {
        private final List<Double> errors = new ArrayList<>();
        private long predictedNanos;
        private int changedAt = -1;
        private FitError told = FitError.NONE;

        @Override
        public void worker(WorkerId worker, WorkerEvent event, List<WorkerCommand> commands) {
            if (event instanceof WorkerEvent.StepDone done && predictedNanos > 0) {
                errors.add(((double) predictedNanos - done.busyNanos()) / done.busyNanos());
                changedAt = done.atNanos() < CHANGE_NANOS ? errors.size() : changedAt;
            }
            boolean begins = commands.stream().anyMatch(WorkerCommand.Run.class::isInstance);
            for (WorkerCommand command : commands) {
                if (command instanceof WorkerCommand.Report report) {
                    predictedNanos = begins ? report.report().load().stepRemainingNanos() : 0;
                    told = report.report().error();
                }
            }
        }

        double mape(int from) {
            return errors.stream().skip(from).mapToDouble(Math::abs).average().orElseThrow();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sarathi, 0.3, 1", "sarathi, 3, 1", "sarathi, 1, 2", "sarathi, 1, 0.5",
        "hfx, 0.3, 1", "hfx, 3, 1", "hfx, 1, 2", "hfx, 1, 0.5"
    })
    void budgetsAreRightAHundredStepsLater(String policy, double start, double change) {
        SplittableRandom random = new SplittableRandom(1);
        WorkerSpec spec =
                new WorkerSpec(
                        new WorkerId("w"),
                        WorkerSpec.Kind.TOKEN_LEVEL,
                        new KvBudget.Slots(16, 4_000),
                        16,
                        false,
                        Scenarios.TRUTH.times(start));
        StepTimes times =
                (nowNanos, shape) -> {
                    double factor = nowNanos < CHANGE_NANOS ? 1 : change;
                    factor *= Math.exp(0.1 * random.nextGaussian());
                    double nanos = Scenarios.TRUTH.stepNanos(shape) * factor;
                    return new StepTimes.Taken(Math.max(1, Math.round(nanos)), 0);
                };
        StepTiming timing = new StepTiming(Scenarios.TRUTH, 0, 0, 1);
        Predictions predictions = new Predictions();
        SimSettings settings =
                new SimSettings(
                        Scenarios.policy(policy),
                        PolicyConfig.DEFAULTS,
                        DispatcherLimits.DEFAULTS,
                        List.of(new SimWorkerSpec(spec, timing, true, times)),
                        Scenarios.NETWORK,
                        1);
        new SimFleet(settings, predictions)
                .run(Scenarios.threeClasses(4, 60, 1).iterator(), o -> {});
        int from = change == 1 ? 100 : predictions.changedAt + 100;
        assertTrue(predictions.errors.size() > from + 200, predictions.errors.size() + " steps");
        double mape = predictions.mape(from);
        assertTrue(mape < 0.1, "mean error " + mape);
        double before = predictions.mape(predictions.changedAt);
        assertTrue(change == 1 || before > mape, "the change was there: " + before);
        double told = predictions.told.mape();
        assertTrue(told > 0.04 && told < 0.15, "noise alone makes 0.08, told " + told);
    }
}
