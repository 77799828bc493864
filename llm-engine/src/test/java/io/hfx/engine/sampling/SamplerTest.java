package io.hfx.engine.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final FloatBuffer LOGITS = FloatBuffer.wrap(new float[] {1, 3, 3, 2, -50});

    private final Sampler sampler = new Sampler();

    private int[] counts(FloatBuffer logits, SamplingParams params, int draws) {
        int[] counts = new int[logits.remaining()];
        SampledSequence sequence = sequence(params, 0);
        for (int position = 0; position < draws; position++) {
            int id = sampler.sample(logits, sequence);
            sequence.add(id);
            counts[id]++;
        }
        return counts;
    }

    private static SampledSequence sequence(SamplingParams params, int choice) {
        return new SampledSequence(params, choice, new int[0], Set.of(), 0);
    }

    private static SamplingParams params(double temperature, double topP, long seed) {
        return SamplingParams.builder().temperature(temperature).topP(topP).seed(seed).build();
    }

    @Test
    void greedyTakesTheLowestOfEquals() {
        assertEquals(1, sampler.sample(LOGITS, sequence(SamplingParams.GREEDY, 0)));
    }

    @Test
    void readsBetweenPositionAndLimitAndLeavesThemAlone() {
        FloatBuffer row = LOGITS.duplicate().position(2).limit(4);
        assertEquals(0, sampler.sample(row, sequence(SamplingParams.GREEDY, 0)));
        assertEquals(2, row.position());
    }

    /** Chi-square of the counts against softmax(logits / temperature). */
    @Test
    void drawsBySoftmax() {
        float[] logits = new float[20];
        Random random = new Random(5);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (random.nextGaussian() * 1.5);
        }
        double temperature = 0.8;
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit / temperature);
        }
        int draws = 200_000;
        int[] counts = counts(FloatBuffer.wrap(logits), params(temperature, 1, 11), draws);
        double chiSquare = 0;
        for (int i = 0; i < logits.length; i++) {
            double expected = draws * Math.exp(logits[i] / temperature) / total;
            chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        // 99.9 % quantile for 19 degrees of freedom: 43.8.
        assertTrue(chiSquare < 43.8, "chi-square " + chiSquare + " with seed 11");
    }

    @Test
    void topPKeepsTheFewestTokensThatReachIt() {
        // Probabilities 0.5, 0.3, 0.15, 0.05, in another order.
        FloatBuffer logits =
                FloatBuffer.wrap(
                        new float[] {
                            (float) Math.log(0.15),
                            (float) Math.log(0.5),
                            (float) Math.log(0.05),
                            (float) Math.log(0.3)
                        });
        int draws = 100_000;
        int[] kept = counts(logits, params(1, 0.75, 3), draws);
        assertEquals(0, kept[0] + kept[2]);
        assertEquals(0.625, (double) kept[1] / draws, 0.01);
        int[] three = counts(logits, params(1, 0.9, 3), draws);
        assertEquals(0, three[2]);
        assertEquals(0.15 / 0.95, (double) three[0] / draws, 0.01);
    }

    @Test
    void aTinyTopPIsGreedy() {
        int[] counts = counts(LOGITS, params(2, 1e-9, 1), 200);
        assertEquals(200, counts[1]);
    }

    @Test
    void isAFunctionOfSeedChoiceAndPosition() {
        SamplingParams params = params(1, 0.95, 42);
        SampledSequence first = sequence(params, 1);
        Sampler another = new Sampler();
        for (int position = 0; position < 500; position++) {
            int[] prompt = new int[position];
            SampledSequence again = new SampledSequence(params, 1, prompt, Set.of(), 0);
            another.sample(FloatBuffer.wrap(new float[7]), sequence(params, position));
            int id = sampler.sample(LOGITS, first);
            assertEquals(id, another.sample(LOGITS, again));
            first.add(id);
        }
    }

    @Test
    void everyCoordinateMovesTheDraw() {
        double draw = CounterDraw.uniform(1, 2, 3);
        assertNotEquals(draw, CounterDraw.uniform(2, 2, 3));
        assertNotEquals(draw, CounterDraw.uniform(1, 3, 3));
        assertNotEquals(draw, CounterDraw.uniform(1, 2, 4));
        assertNotEquals(draw, CounterDraw.uniform(1, 3, 2));
    }

    @Test
    void neverTakesATokenThatIsRuledOut() {
        FloatBuffer logits =
                FloatBuffer.wrap(new float[] {Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY});
        assertEquals(100, counts(logits, params(2, 1, 1), 100)[1]);
        assertEquals(100, counts(logits, params(2, 0.5, 1), 100)[1]);
    }

    @Test
    void refusesBrokenLogits() {
        IllegalArgumentException nan =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                sampler.sample(
                                        FloatBuffer.wrap(new float[] {0, Float.NaN}),
                                        sequence(SamplingParams.GREEDY, 0)));
        assertTrue(nan.getMessage().contains("token 1 is NaN"), nan.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        sampler.sample(
                                FloatBuffer.wrap(new float[] {Float.NEGATIVE_INFINITY}),
                                sequence(SamplingParams.GREEDY, 0)));
    }

    @Test
    void theOwnExponentialIsExactEnough() {
        for (int i = 0; i <= 64_000; i++) {
            float x = -i / 1_000f;
            double exact = Math.pow(2, x);
            assertEquals(1, Softmax.exp2(x) / exact, 3e-5, "2^" + x);
        }
        assertEquals(1, Softmax.exp2(0));
    }
}
