package io.hfx.simulator.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * How one client's requests come, by windows of equal length.
 *
 * @param windows ascending
 */
record ServeGenRates(List<Window> windows) {
    static final double WINDOW_SECONDS = 600;
    private static final int MOST_WINDOWS = 1_000_000;

    ServeGenRates {
        windows = List.copyOf(windows);
    }

    /**
     * A window.
     *
     * @param startSeconds when it starts
     * @param perSecond mean rate; 0 for no traffic
     * @param gaps kind of the gaps, with mean 1
     */
    record Window(double startSeconds, double perSecond, Gaps gaps) {
        double endSeconds() {
            return startSeconds + WINDOW_SECONDS;
        }
    }

    /**
     * A distribution of gaps with mean 1.
     *
     * @param weibull whether it is Weibull; otherwise Gamma
     * @param shape its form
     */
    record Gaps(boolean weibull, double shape) {
        DoubleSupplier draw(SplittableRandom random) {
            if (!weibull) {
                return () -> GammaVariate.draw(shape, random) / shape;
            }
            double mean = gamma(1 + 1 / shape);
            return () -> Math.pow(random.nextExponential(), 1 / shape) / mean;
        }
    }

    static ServeGenRates read(Path file) {
        List<Window> windows = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (number > MOST_WINDOWS) {
                    throw new WorkloadException(file + ": more than " + MOST_WINDOWS + " windows");
                }
                if (!line.isBlank()) {
                    windows.add(parse(line, file + ", line " + number + ": "));
                }
            }
        } catch (IOException e) {
            throw new WorkloadException(file + ": cannot be read: " + e);
        }
        return new ServeGenRates(windows);
    }

    /** Requests expected between two moments, in seconds. */
    double expected(double fromSeconds, double toSeconds) {
        double requests = 0;
        for (Window w : windows) {
            double from = Math.max(fromSeconds, w.startSeconds());
            double to = Math.min(toSeconds, w.endSeconds());
            requests += to > from ? (to - from) * w.perSecond() : 0;
        }
        return requests;
    }

    private static Window parse(String line, String where) {
        String[] values = line.strip().split(",", -1);
        if (values.length != 6) {
            throw new WorkloadException(where + "expected 6 values, found " + values.length);
        }
        double start = Numbers.notNegative(where + "start", values[0]);
        double rate = Numbers.notNegative(where + "rate", values[1]);
        if (rate == 0) {
            return new Window(start, 0, new Gaps(false, 1));
        }
        return switch (values[3]) {
            case "Gamma" -> {
                double cv = Numbers.positive(where + "coefficient of variation", values[2]);
                yield new Window(start, rate, new Gaps(false, 1 / (cv * cv)));
            }
            case "Weibull" -> {
                double shape = Numbers.positive(where + "Weibull shape", values[4]);
                yield new Window(start, rate, new Gaps(true, shape));
            }
            default ->
                    throw new WorkloadException(
                            where + "pattern must be Gamma or Weibull, was " + values[3]);
        };
    }

    /** The gamma function for arguments from 1, by Stirling's series after a shift. */
    static double gamma(double x) {
        double product = 1;
        double y = x;
        for (; y < 10; y++) {
            product *= y;
        }
        double r = 1 / (y * y);
        double series = (1 / 12.0 - r * (1 / 360.0 - r * (1 / 1260.0 - r / 1680))) / y;
        double log = (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
        return Math.exp(log) / product;
    }
}
