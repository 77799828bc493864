package io.hfx.scheduler.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A model that starts wrong, and a worker whose speed changes suddenly: a hundred steps later steps
 * are predicted within 10 % in the mean, whatever the load.
 */
class FollowingTest {
    /** Of a small model on processor cores, and of a large one on a GPU. */
    private static final List<LatencyModel> TRUTHS =
            List.of(
                    new LatencyModel(5e5, 3e6, 2.8e5, 100, 6e6, 6e5, 1_500),
                    new LatencyModel(3e6, 2e5, 4e4, 1, 2e7, 1e5, 60));

    private static final int SETTLED = 300;
    private static final int SEEDS = 5;

    private enum Load {
        DECODES,
        MIXED,
        CHUNKED;

        Steps steps(SplittableRandom random) {
            return switch (this) {
                case DECODES -> new Decodes(random);
                case MIXED -> () -> mixed(random);
                case CHUNKED -> new Chunks(random);
            };
        }
    }

    /** Makes the shape of each step. */
    private interface Steps {
        StepShape next();
    }

    /** A batch whose sequences grow by a token a step, come and go. */
    private static final class Decodes implements Steps {
        private final SplittableRandom random;
        private final List<Integer> contexts = new ArrayList<>(List.of(300, 500));

        Decodes(SplittableRandom random) {
            this.random = random;
        }

        @Override
        public StepShape next() {
            if (contexts.size() < 24 && random.nextInt(20) == 0) {
                contexts.add(50 + random.nextInt(900));
            }
            if (contexts.size() > 2 && random.nextInt(30) == 0) {
                contexts.remove(random.nextInt(contexts.size()));
            }
            contexts.replaceAll(c -> c + 1);
            StepShape shape = StepShape.EMPTY;
            for (int context : contexts) {
                shape = shape.plusDecode(context);
            }
            return shape;
        }
    }

    /** Steps of 256 tokens: decodes, and what is left for chunks of prompts. */
    private static final class Chunks implements Steps {
        private final SplittableRandom random;
        private final Decodes decodes;
        private int start;
        private int left;

        Chunks(SplittableRandom random) {
            this.random = random;
            this.decodes = new Decodes(random);
        }

        @Override
        public StepShape next() {
            StepShape shape = decodes.next();
            int room = 256 - shape.decodes();
            while (room > 0 && (left > 0 || random.nextInt(4) > 0)) {
                if (left == 0) {
                    left = 200 + random.nextInt(3_000);
                    start = 0;
                }
                int tokens = Math.min(left, room);
                shape = shape.plusChunk(start, tokens);
                start += tokens;
                left -= tokens;
                room -= tokens;
            }
            return shape;
        }
    }

    private static StepShape mixed(SplittableRandom random) {
        StepShape shape = StepShape.EMPTY;
        int decodes = random.nextInt(12);
        for (int i = 0; i < decodes; i++) {
            shape = shape.plusDecode(50 + random.nextInt(900));
        }
        if (decodes == 0 || random.nextBoolean()) {
            shape = shape.plusChunk(random.nextInt(800), 16 + random.nextInt(240));
        }
        return shape;
    }

    /**
     * @param start factor of the first guess
     * @param change factor of the worker's times once the model has settled; 1 for none
     */
    private record Case(Load load, double start, double change, double sigma) {}

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Load load : Load.values()) {
            for (double sigma : new double[] {0, 0.1}) {
                cases.add(new Case(load, 0.3, 1, sigma));
                cases.add(new Case(load, 3, 1, sigma));
                cases.add(new Case(load, 1, 2, sigma));
                cases.add(new Case(load, 1, 0.5, sigma));
            }
        }
        return cases.stream();
    }

    /** A worker, with a fit that learns from each of its steps. */
    private static final class Worker {
        private final SplittableRandom random;
        private final Steps steps;
        private final double sigma;
        private final OnlineFit fit;

        Worker(Case c, LatencyModel truth, long seed) {
            this.random = new SplittableRandom(seed);
            this.steps = c.load.steps(random);
            this.sigma = c.sigma;
            this.fit = new OnlineFit(truth.times(c.start));
        }

        /** Runs one step; returns the error of its prediction, as a share of its time. */
        double run(LatencyModel truth) {
            StepShape shape = steps.next();
            double factor = Math.exp(sigma * random.nextGaussian());
            long took = Math.max(1, Math.round(truth.stepNanos(shape) * factor));
            double error = ((double) fit.model().stepNanos(shape) - took) / took;
            fit.learn(shape, took);
            return error;
        }

        double[] run(LatencyModel truth, int count) {
            double[] errors = new double[count];
            for (int i = 0; i < count; i++) {
                errors[i] = run(truth);
            }
            return errors;
        }
    }

    private static double mean(double[] errors, boolean signed) {
        double sum = 0;
        for (double error : errors) {
            sum += signed ? error : Math.abs(error);
        }
        return sum / errors.length;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aHundredStepsLaterBudgetsAreRight(Case c) {
        for (LatencyModel truth : TRUTHS) {
            for (long seed = 1; seed <= SEEDS; seed++) {
                Worker worker = new Worker(c, truth, seed);
                if (c.change != 1) {
                    worker.run(truth, SETTLED);
                }
                LatencyModel now = truth.times(c.change);
                worker.run(now, 100);
                double error = mean(worker.run(now, 200), false);
                assertTrue(error < 0.1, c + ", " + truth + ", seed " + seed + ": " + error);
            }
        }
    }

    /** Ours, beyond what was asked for: a change of speed is no matter of a hundred steps. */
    @ParameterizedTest
    @MethodSource("cases")
    void thirtyStepsAfterAChangeOfSpeedTheyAreNearlyRight(Case c) {
        if (c.change == 1) {
            return;
        }
        double sum = 0;
        for (LatencyModel truth : TRUTHS) {
            for (long seed = 1; seed <= SEEDS; seed++) {
                Worker worker = new Worker(c, truth, seed);
                worker.run(truth, SETTLED);
                LatencyModel now = truth.times(c.change);
                worker.run(now, 30);
                sum += mean(worker.run(now, 30), false) / (TRUTHS.size() * SEEDS);
            }
        }
        assertTrue(sum < 0.12, c + ": " + sum);
    }

    @Test
    void whatNoStepShowsFollowsAChangeOfSpeed() {
        for (LatencyModel truth : TRUTHS) {
            Worker worker = new Worker(new Case(Load.DECODES, 1, 2, 0.1), truth, 1);
            worker.run(truth, SETTLED);
            worker.run(truth.times(2), 100);
            double share = (double) worker.fit.model().prefillNanos(0, 500);
            assertEquals(2, share / truth.prefillNanos(0, 500), 0.1, "of a prompt after decodes");
        }
    }

    /** Least squares on measured times would favour those that noise made short. */
    @Test
    void noiseDoesNotBendThePrediction() {
        LatencyModel truth = TRUTHS.get(0);
        double bias = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Worker worker = new Worker(new Case(Load.CHUNKED, 1, 1, 0.3), truth, seed);
            worker.run(truth, SETTLED);
            for (int i = 0; i < 1_000; i++) {
                worker.run(truth);
                StepShape shape = worker.steps.next();
                double mean = truth.stepNanos(shape) * Math.exp(0.5 * 0.3 * 0.3);
                bias += (worker.fit.model().stepNanos(shape) / mean - 1) / (SEEDS * 1_000);
            }
        }
        assertTrue(Math.abs(bias) < 0.04, "bias against the mean time " + bias);
    }

    @Test
    void theErrorThatItTellsIsThatOfItsPredictions() {
        LatencyModel truth = TRUTHS.get(0);
        Worker worker = new Worker(new Case(Load.MIXED, 1, 1, 0.2), truth, 1);
        assertEquals(FitError.NONE, worker.fit.error());
        double[] errors = worker.run(truth, 400);
        double weight = 0;
        double off = 0;
        double bias = 0;
        for (double error : errors) {
            weight = 0.98 * weight + 1;
            off = 0.98 * off + Math.abs(error);
            bias = 0.98 * bias + error;
        }
        FitError told = worker.fit.error();
        assertEquals(400, told.steps());
        assertEquals(off / weight, told.mape(), 1e-6);
        assertEquals(bias / weight, told.bias(), 1e-6);
        worker.fit.learn(StepShape.EMPTY.plusDecode(100), 1);
        assertTrue(worker.fit.error().mape() < off / weight + 0.05, "one step counts at most 2");
    }

    @Test
    void greatNoiseIsNoChangeOfSpeed() {
        SplittableRandom random = new SplittableRandom(1);
        LatencyModel right = new LatencyModel(1e6, 0, 0, 0, 0, 0, 0);
        SpeedWatch watch = new SpeedWatch();
        int full = 0;
        int changes = 0;
        for (int i = 0; i < 20_000; i++) {
            double factor = Math.exp(random.nextGaussian());
            StepShape shape = StepShape.EMPTY.plusDecode(1);
            if (watch.run(shape, Math.round(1e6 * factor), factor) == SpeedWatch.RUN) {
                full++;
                changes += watch.agrees(right) ? 1 : 0;
            }
        }
        assertTrue(full >= 5, "all eight to one side: " + full);
        assertTrue(changes <= 1, "of these by the same factor: " + changes);
    }

    @Test
    void aFewStallsAreNoChangeOfSpeed() {
        for (LatencyModel truth : TRUTHS) {
            Worker worker = new Worker(new Case(Load.MIXED, 1, 1, 0.05), truth, 1);
            worker.run(truth, SETTLED);
            worker.run(truth.times(2), SpeedWatch.RUN - 1);
            double error = mean(worker.run(truth, 30), true);
            assertTrue(Math.abs(error) < 0.2, "after " + (SpeedWatch.RUN - 1) + ": " + error);
            worker.run(truth.times(2), SpeedWatch.RUN);
            worker.run(truth, 3 * SpeedWatch.RUN);
            error = mean(worker.run(truth, 30), true);
            assertTrue(Math.abs(error) < 0.1, "after one more, and back: " + error);
        }
    }
}
