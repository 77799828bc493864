package io.hfx.benchmarks.djl;

import io.hfx.benchmarks.CpuUse;
import io.hfx.benchmarks.load.Latencies;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of an open loop on one server.
 *
 * @param load offered, as a multiple of the capacity
 * @param seconds from the first due time on to the last
 * @param capacityBefore completed requests per second of a closed loop right before the run
 * @param capacityAfter right after it
 * @param closedLoop latency of the one before
 * @param sendLag of the client: how late it was
 * @param classes by name
 */
record OpenRun(
        int round,
        String server,
        double load,
        double offeredPerSecond,
        double seconds,
        double capacityBefore,
        double capacityAfter,
        Latencies.@Nullable Summary closedLoop,
        Latencies.@Nullable Summary sendLag,
        CpuUse cpuSeconds,
        Map<String, SloMix.Score> classes)
        implements Pairs.ServerRun {

    long completedInWindow() {
        return classes.values().stream().mapToLong(SloMix.Score::completedInWindow).sum();
    }

    /** Met of all that have an objective; null where none was offered. */
    @Nullable Double attainment() {
        double offered = 0;
        double met = 0;
        for (SloMix.Score score : classes.values()) {
            Long its = score.met();
            if (its != null) {
                offered += score.offered();
                met += its;
            }
        }
        return offered == 0 ? null : met / offered;
    }

    /**
     * Completions without an objective, as a share of what the capacity leaves when those with one
     * are done; null if it leaves nothing.
     */
    @Nullable Double bestEffortOfLeftover() {
        long stated = 0;
        long bestEffort = 0;
        for (SloMix.Score score : classes.values()) {
            if (score.met() == null) {
                bestEffort += score.completedInWindow();
            } else {
                stated += score.completedInWindow();
            }
        }
        double left = (capacityBefore + capacityAfter) / 2 * seconds - stated;
        return left <= 0 ? null : bestEffort / left;
    }
}
