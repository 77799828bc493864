package io.hfx.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class DueTest {
    private static final List<Double> SHARES = List.of(0.3, 0.4, 0.3);

    @Test
    void arrivalsHaveTheRateTheSharesAndTheOrder() {
        List<Due> schedule = Due.poisson(100, 1_000, SHARES, 7);
        assertEquals(100_000, schedule.size(), 1_500);
        assertEquals(0.3, share(schedule, 0), 0.01);
        assertEquals(0.4, share(schedule, 1), 0.01);
        long lastNanos = 0;
        double squares = 0;
        for (Due due : schedule) {
            assertTrue(due.atNanos() >= lastNanos);
            double gapSeconds = (due.atNanos() - lastNanos) / 1e9;
            squares += gapSeconds * gapSeconds;
            lastNanos = due.atNanos();
        }
        // The second moment of an exponential gap is twice the square of its mean.
        assertEquals(2e-4, squares / schedule.size(), 0.1e-4);
    }

    @Test
    void theSameSeedGivesTheSameRequestsAndTheRateStretchesThem() {
        List<Due> one = Due.poisson(10, 100, SHARES, 3);
        assertEquals(one, Due.poisson(10, 100, SHARES, 3));
        List<Due> faster = Due.poisson(20, 100, SHARES, 3);
        for (int i = 0; i < one.size(); i++) {
            assertEquals(one.get(i).kind(), faster.get(i).kind());
            assertEquals((double) one.get(i).atNanos(), 2.0 * faster.get(i).atNanos(), 2);
        }
    }

    private static double share(List<Due> schedule, int kind) {
        return schedule.stream().filter(d -> d.kind() == kind).count() / (double) schedule.size();
    }
}
