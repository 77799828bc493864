package io.hfx.cli.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * What the demo is to do.
 *
 * @param policies compared, in this order
 * @param seconds of load under each
 * @param rateFactor offered load over the measured capacity
 * @param port of the server; 0 takes a free one
 * @param seed of the load
 * @param model folder of the checkpoint; made if it is not there
 * @param work folder for logs
 * @param drainSeconds to wait for the last streams under each policy
 * @param warmupSeconds of load on each fresh server that is not measured
 * @param calibrationSeconds of each of the runs that measure the capacity
 */
public record DemoPlan(
        List<String> policies,
        double seconds,
        double rateFactor,
        int port,
        long seed,
        Path model,
        Path work,
        double drainSeconds,
        double warmupSeconds,
        double calibrationSeconds) {
    static final int CALIBRATION_RUNS = 3;
    private static final double START_SECONDS = 4;

    public DemoPlan {
        policies = List.copyOf(policies);
    }

    /** About how long it takes, without building and making the model. */
    public double estimatedSeconds() {
        double servers = (policies.size() + 1) * (START_SECONDS + warmupSeconds);
        double loads = policies.size() * (seconds + drainSeconds / 2);
        return servers + loads + CALIBRATION_RUNS * calibrationSeconds;
    }
}
