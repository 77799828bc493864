package io.hfx.scheduler.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OnlineFitTest {
    private static final LatencyModel TRUTH =
            new LatencyModel(5e5, 3e6, 2.8e5, 100, 6e6, 6e5, 1_500);

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

    private static double meanError(OnlineFit fit, LatencyModel truth, SplittableRandom random) {
        double sum = 0;
        for (int i = 0; i < 200; i++) {
            StepShape shape = mixed(random);
            double real = truth.stepNanos(shape);
            sum += Math.abs(fit.model().stepNanos(shape) - real) / real;
        }
        return sum / 200;
    }

    private static void feed(
            OnlineFit fit, LatencyModel truth, int steps, double noise, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < steps; i++) {
            StepShape shape = mixed(random);
            double factor = 1 + noise * (2 * random.nextDouble() - 1);
            fit.learn(shape, Math.round(truth.stepNanos(shape) * factor));
        }
    }

    @Test
    void stepTimeIsTheSumOfItsTerms() {
        LatencyModel model = new LatencyModel(1, 10, 100, 2, 1_000, 20, 3);
        assertEquals(0, model.stepNanos(StepShape.EMPTY));
        // base 1 + decodeBase 1000 + 2*20 + (5+7)*3
        StepShape decodes = StepShape.EMPTY.plusDecode(5).plusDecode(7);
        assertEquals(1_077, model.stepNanos(decodes));
        // and a chunk of 4 after 10: run 10, tokens 400, pairs (40 + 8)*2
        assertEquals(1_077 + 10 + 400 + 96, model.stepNanos(decodes.plusChunk(10, 4)));
    }

    @Test
    void theLargestChunkIsTheLargest() {
        LatencyModel model = new LatencyModel(0, 10, 100, 0, 1_000, 20, 0);
        StepShape decode = StepShape.EMPTY.plusDecode(1);
        assertEquals(4, model.largestChunk(decode, 0, 1_020 + 10 + 499, 64));
        assertEquals(5, model.largestChunk(decode, 0, 1_020 + 10 + 500, 64));
        assertEquals(3, model.largestChunk(decode, 0, Long.MAX_VALUE, 3));
        assertEquals(0, model.largestChunk(decode, 0, 500, 64));
    }

    @Test
    void findsTheTruthFromAWrongStart() {
        OnlineFit fit = new OnlineFit(TRUTH.times(5));
        feed(fit, TRUTH, 150, 0.05, 1);
        double error = meanError(fit, TRUTH, new SplittableRandom(2));
        assertTrue(error < 0.05, "mean error " + error);
    }

    @Test
    void whatNoStepShowsAnyMoreStaysKnown() {
        OnlineFit fit = new OnlineFit(TRUTH.times(1.3));
        feed(fit, TRUTH, 200, 0.05, 11);
        SplittableRandom random = new SplittableRandom(12);
        StepShape full = StepShape.EMPTY;
        for (int i = 0; i < 16; i++) {
            full = full.plusDecode(400 + 10 * i);
        }
        for (int i = 0; i < 2_000; i++) {
            StepShape shape = full.plusChunk(0, 16 + random.nextInt(240));
            double factor = 1 + 0.1 * (2 * random.nextDouble() - 1);
            fit.learn(shape, Math.round(TRUTH.stepNanos(shape) * factor));
        }
        StepShape one = StepShape.EMPTY.plusDecode(400);
        double real = (double) TRUTH.stepNanos(one);
        assertEquals(real, (double) fit.model().stepNanos(one), 0.05 * real);
    }

    @Test
    void followsAChangeOfSpeedWithinAHundredSteps() {
        OnlineFit fit = new OnlineFit(TRUTH);
        feed(fit, TRUTH, 200, 0.05, 3);
        feed(fit, TRUTH.times(2), 100, 0.05, 4);
        double error = meanError(fit, TRUTH.times(2), new SplittableRandom(5));
        assertTrue(error < 0.25, "mean error " + error);
    }

    @Test
    void oneStallBendsItLittle() {
        OnlineFit fit = new OnlineFit(TRUTH);
        feed(fit, TRUTH, 200, 0.05, 6);
        StepShape decode = StepShape.EMPTY.plusDecode(100);
        fit.learn(decode, TRUTH.stepNanos(decode) * 1_000);
        double error = meanError(fit, TRUTH, new SplittableRandom(7));
        assertTrue(error < 0.1, "mean error " + error);
    }

    @Test
    void coefficientsNeverGoNegative() {
        OnlineFit fit = new OnlineFit(TRUTH);
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 500; i++) {
            // the constructor of LatencyModel refuses anything below 0
            fit.learn(mixed(random), 1 + random.nextLong(100_000_000));
        }
        assertEquals(500, fit.error().steps());
    }

    @Test
    void refusesNothing() {
        OnlineFit fit = new OnlineFit(TRUTH);
        assertThrows(IllegalArgumentException.class, () -> fit.learn(StepShape.EMPTY, 5));
        assertThrows(
                IllegalArgumentException.class, () -> fit.learn(StepShape.EMPTY.plusDecode(1), 0));
    }

    @Test
    void aWildStartGivesWayToWhatIsMeasured() {
        for (double factor : new double[] {1e-5, 1e4}) {
            OnlineFit fit = new OnlineFit(TRUTH.times(factor));
            feed(fit, TRUTH, 100, 0, 7);
            assertTrue(
                    meanError(fit, TRUTH, new SplittableRandom(8)) < 0.1,
                    () -> "start times " + factor);
        }
    }
}
