package io.hfx.benchmarks.djl;

import java.util.List;
import picocli.CommandLine.Option;

/** What the parts with an open loop are told. */
final class OpenOptions {
    @Option(
            names = "--runs",
            defaultValue = "3",
            description = "Runs of each server at each load (default ${DEFAULT-VALUE}).")
    int runs;

    @Option(
            names = "--seconds",
            defaultValue = "120",
            description = "Length of one run (default ${DEFAULT-VALUE}).")
    double seconds;

    @Option(
            names = "--loads",
            split = ",",
            paramLabel = "FACTOR",
            description = "Offered rates, as multiples of the capacity.")
    List<Double> loads = List.of();

    @Option(
            names = "--probe-seconds",
            paramLabel = "S",
            defaultValue = "4",
            description =
                    "Closed loop before and after each run, for the capacity"
                            + " (default ${DEFAULT-VALUE}).")
    double probeSeconds;

    @Option(
            names = "--warm-up-requests",
            paramLabel = "N",
            defaultValue = "2000",
            description =
                    "Answers of each server before the first run, the same number for all,"
                            + " so that one is compiled as well as the other"
                            + " (default ${DEFAULT-VALUE}).")
    int warmUpRequests;

    @Option(
            names = "--drain-seconds",
            paramLabel = "S",
            defaultValue = "60",
            description =
                    "How long to wait for answers after the last request; what is open then is"
                            + " unanswered (default ${DEFAULT-VALUE}).")
    double drainSeconds;

    @Option(
            names = "--on-miss",
            defaultValue = "demote",
            description =
                    "Of the classes that have an objective: ${COMPLETION-CANDIDATES}"
                            + " (default ${DEFAULT-VALUE}, which is also the server's).")
    SloMix.OnMiss onMiss;
}
