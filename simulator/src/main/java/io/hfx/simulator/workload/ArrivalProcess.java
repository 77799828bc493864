package io.hfx.simulator.workload;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

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

    /**
     * Poisson arrivals whose rate follows a sine, as the day does. The rate asked for is the mean.
     *
     * @param amplitude share of the mean by which the rate rises and falls, 0 to 1
     * @param periodSeconds of the sine, in seconds, above 0
     * @param phase where the sine starts, as a share of the period: 0 at the mean and rising
     */
    record Diurnal(double amplitude, double periodSeconds, double phase) implements ArrivalProcess {
        public Diurnal {
            if (!(amplitude >= 0 && amplitude <= 1) || !(periodSeconds > 0)) {
                throw new WorkloadException(
                        "diurnal: the amplitude must be 0 to 1 and the period above 0, were "
                                + amplitude
                                + " and "
                                + periodSeconds);
            }
        }

        /** When that much of the mean's time is expected: the inverse of the rate's integral. */
        private double seconds(double steady) {
            double swing = amplitude * periodSeconds / Math.PI;
            double low = Math.max(0, steady - swing);
            double high = steady + swing;
            while (high - low > 1e-9 * (1 + high)) {
                double middle = (low + high) / 2;
                if (expected(middle) < steady) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return high;
        }

        private double expected(double seconds) {
            double turn = 2 * Math.PI;
            double now = Math.cos(turn * (seconds / periodSeconds + phase));
            return seconds + amplitude * periodSeconds / turn * (Math.cos(turn * phase) - now);
        }
    }

    /** Most arrivals of one workload. */
    int MAX_ARRIVALS = 2_000_000;

    /**
     * Reads {@code poisson}, {@code gamma:CV}, {@code burst:FACTOR@START+LENGTH} or {@code
     * diurnal:AMPLITUDE@PERIOD+PHASE} (seconds; the phase as a share of the period).
     */
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
        if (parts[0].equals("diurnal") && parts.length == 4) {
            return new Diurnal(
                    Numbers.notNegative("diurnal: the amplitude", parts[1]),
                    Numbers.positive("diurnal: the period", parts[2]),
                    Numbers.notNegative("diurnal: the phase", parts[3]));
        }
        throw new WorkloadException(
                "arrivals must be poisson, gamma:CV, burst:FACTOR@START+LENGTH or"
                        + " diurnal:AMPLITUDE@PERIOD+PHASE, was "
                        + text);
    }

    /**
     * The arrivals of a window, ascending, in nanoseconds.
     *
     * @param perSecond mean rate (outside a burst)
     * @param windowNanos length of the window
     * @param seed equal seeds give equal arrivals
     */
    default long[] arrivalNanos(double perSecond, long windowNanos, long seed) {
        LongSupplier times = arrivals(perSecond, seed);
        long[] atNanos = new long[1024];
        int count = 0;
        for (long at = times.getAsLong(); at < windowNanos; at = times.getAsLong()) {
            if (count == MAX_ARRIVALS) {
                throw new WorkloadException("more than " + MAX_ARRIVALS + " arrivals");
            }
            if (count == atNanos.length) {
                atNanos = Arrays.copyOf(atNanos, 2 * count);
            }
            atNanos[count++] = at;
        }
        return Arrays.copyOf(atNanos, count);
    }

    /**
     * Arrivals without end, ascending, in nanoseconds: each call gives the next.
     *
     * @param perSecond mean rate (outside a burst)
     * @param seed equal seeds give equal arrivals
     */
    default LongSupplier arrivals(double perSecond, long seed) {
        DoubleSupplier unitGap = unitGaps(new SplittableRandom(seed));
        return new LongSupplier() {
            private double expected;

            @Override
            public long getAsLong() {
                expected += unitGap.getAsDouble();
                return (long) (seconds(expected, perSecond) * 1e9);
            }
        };
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
        if (this instanceof Diurnal diurnal) {
            return diurnal.seconds(steady);
        }
        if (!(this instanceof Burst burst) || steady <= burst.startSeconds()) {
            return steady;
        }
        double inBurst = (steady - burst.startSeconds()) / burst.factor();
        return inBurst <= burst.lengthSeconds()
                ? burst.startSeconds() + inBurst
                : steady - burst.lengthSeconds() * (burst.factor() - 1);
    }
}
