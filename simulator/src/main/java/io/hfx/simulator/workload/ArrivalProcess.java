package io.hfx.simulator.workload;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** How requests follow one another. */
public sealed interface ArrivalProcess {
    /** Independent arrivals at a steady mean rate. */
    record Poisson() implements ArrivalProcess {}

    /**
     * Gaps from a Gamma distribution: burstier than Poisson above a coefficient of variation of 1,
     * more regular below.
     *
     * @param gapCv coefficient of variation of the gaps, 0.05 to 20
     */
    record Gamma(double gapCv) implements ArrivalProcess {
        public Gamma {
            if (!(gapCv >= 0.05 && gapCv <= 20)) {
                throw new WorkloadException(
                        "gamma: the coefficient of variation must be 0.05 to 20, was " + gapCv);
            }
        }
    }

    /**
     * Poisson arrivals whose rate steps up for a while. The rate asked for is the one outside.
     *
     * @param factor of the rate within the burst, above 0
     * @param startSeconds when the burst starts, in seconds
     * @param lengthSeconds how long it lasts, in seconds
     */
    record Burst(double factor, double startSeconds, double lengthSeconds)
            implements ArrivalProcess {}

    /** Most arrivals of one workload. */
    int MAX_ARRIVALS = 2_000_000;

    /** Reads {@code poisson}, {@code gamma:CV} or {@code burst:FACTOR@START+LENGTH} (seconds). */
    static ArrivalProcess parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("[:@+]", -1);
        if (parts[0].equals("poisson") && parts.length == 1) {
            return new Poisson();
        }
        if (parts[0].equals("gamma") && parts.length == 2) {
            return new Gamma(Numbers.positive("gamma: the coefficient of variation", parts[1]));
        }
        if (parts[0].equals("burst") && parts.length == 4) {
            return new Burst(
                    Numbers.positive("burst: the factor", parts[1]),
                    Numbers.notNegative("burst: the start", parts[2]),
                    Numbers.positive("burst: the length", parts[3]));
        }
        throw new WorkloadException(
                "arrivals must be poisson, gamma:CV or burst:FACTOR@START+LENGTH, was " + text);
    }

    /**
     * The arrivals of a window, ascending, in nanoseconds.
     *
     * @param perSecond mean rate (outside a burst)
     * @param windowNanos length of the window
     * @param seed equal seeds give equal arrivals
     */
    default long[] arrivalNanos(double perSecond, long windowNanos, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DoubleSupplier unitGap = unitGaps(random);
        long[] atNanos = new long[1024];
        int count = 0;
        double expected = unitGap.getAsDouble();
        for (double at = seconds(expected, perSecond) * 1e9; at < windowNanos; ) {
            if (count == MAX_ARRIVALS) {
                throw new WorkloadException("more than " + MAX_ARRIVALS + " arrivals");
            }
            if (count == atNanos.length) {
                atNanos = Arrays.copyOf(atNanos, 2 * count);
            }
            atNanos[count++] = (long) at;
            expected += unitGap.getAsDouble();
            at = seconds(expected, perSecond) * 1e9;
        }
        return Arrays.copyOf(atNanos, count);
    }

    private DoubleSupplier unitGaps(SplittableRandom random) {
        if (this instanceof Gamma gamma) {
            double shape = 1 / (gamma.gapCv() * gamma.gapCv());
            return () -> GammaVariate.draw(shape, random) / shape;
        }
        return random::nextExponential;
    }

    /** When that many arrivals are expected: the inverse of the rate's integral. */
    private double seconds(double expected, double perSecond) {
        double steady = expected / perSecond;
        if (!(this instanceof Burst burst) || steady <= burst.startSeconds()) {
            return steady;
        }
        double inBurst = (steady - burst.startSeconds()) / burst.factor();
        return inBurst <= burst.lengthSeconds()
                ? burst.startSeconds() + inBurst
                : steady - burst.lengthSeconds() * (burst.factor() - 1);
    }
}
