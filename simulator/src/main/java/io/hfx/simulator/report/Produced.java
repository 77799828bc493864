package io.hfx.simulator.report;

/**
 * Where and how a report came to be; the only part of it that differs between equal studies.
 *
 * @param commit of the program, or unknown
 * @param java version
 * @param threads that runs were spread over
 * @param wallSeconds it took
 * @param requestsPerSecond of wall time simulated, all runs together
 */
public record Produced(
        String commit, String java, int threads, double wallSeconds, double requestsPerSecond) {}
