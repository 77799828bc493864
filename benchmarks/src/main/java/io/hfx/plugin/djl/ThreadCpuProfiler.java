package io.hfx.plugin.djl;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * CPU time of all Java threads for each operation, without the compiler's and the collector's:
 * valid on a machine shared with others, and where an operation passes through several threads.
 */
public final class ThreadCpuProfiler implements InternalProfiler {
    public static final String LABEL = "cpu.time.norm";

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private Map<Long, Long> beforeNanos = Map.of();

    @Override
    public String getDescription() {
        return "CPU time of the Java threads";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        beforeNanos = cpuNanos();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        long nanos = 0;
        for (Map.Entry<Long, Long> thread : cpuNanos().entrySet()) {
            nanos += thread.getValue() - beforeNanos.getOrDefault(thread.getKey(), 0L);
        }
        double each = nanos / (double) result.getMetadata().getMeasuredOps();
        return List.of(new ScalarResult(LABEL, each, "ns/op", AggregationPolicy.AVG));
    }

    private Map<Long, Long> cpuNanos() {
        Map<Long, Long> nanos = new HashMap<>();
        for (long id : threads.getAllThreadIds()) {
            nanos.put(id, Math.max(0, threads.getThreadCpuTime(id)));
        }
        return nanos;
    }
}
