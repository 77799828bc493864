package io.hfx.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrivalProcessTest {
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    @ParameterizedTest
    @CsvSource({"poisson, 1.0", "gamma:0.5, 0.5", "gamma:2, 2.0", "gamma:1, 1.0"})
    void ratesAndGapsAreAsAskedFor(String text, double gapCv) {
        long[] atNanos = ArrivalProcess.parse(text).arrivalNanos(10, HOUR_NANOS, 7);

        assertEquals(36_000, atNanos.length, 4 * gapCv * Math.sqrt(36_000));
        assertEquals(gapCv, cv(atNanos), 0.05 * gapCv);
    }

    @Test
    void aBurstRaisesTheRateWithinItOnly() {
        long[] atNanos = ArrivalProcess.parse("burst:5@1000+600").arrivalNanos(10, HOUR_NANOS, 7);

        assertEquals(10_000, count(atNanos, 0, 1000), 400);
        assertEquals(30_000, count(atNanos, 1000, 1600), 700);
        assertEquals(20_000, count(atNanos, 1600, 3600), 600);
    }

    @Test
    void aSeedIsARun() {
        ArrivalProcess process = ArrivalProcess.parse("gamma:3");
        long[] once = process.arrivalNanos(5, HOUR_NANOS, 11);

        assertArrayEquals(once, process.arrivalNanos(5, HOUR_NANOS, 11));
        assertEquals(false, Arrays.equals(once, process.arrivalNanos(5, HOUR_NANOS, 12)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "uniform",
                "poisson:2",
                "gamma",
                "gamma:x",
                "gamma:0",
                "gamma:99",
                "burst:2",
                "burst:0@1+1",
                "burst:2@-1+1",
                "burst:2@1+0"
            })
    void whatIsNotAProcessIsRefused(String text) {
        assertThrows(WorkloadException.class, () -> ArrivalProcess.parse(text));
    }

    private static double count(long[] atNanos, long fromSeconds, long toSeconds) {
        return Arrays.stream(atNanos)
                .filter(at -> at >= fromSeconds * 1e9 && at < toSeconds * 1e9)
                .count();
    }

    private static double cv(long[] atNanos) {
        double mean = (double) (atNanos[atNanos.length - 1] - atNanos[0]) / (atNanos.length - 1);
        double squares = 0;
        for (int i = 1; i < atNanos.length; i++) {
            squares += Math.pow(atNanos[i] - atNanos[i - 1] - mean, 2);
        }
        return Math.sqrt(squares / (atNanos.length - 1)) / mean;
    }
}
