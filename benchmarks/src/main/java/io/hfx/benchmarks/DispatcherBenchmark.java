package io.hfx.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.hfx.plugin.djl.ThreadCpuProfiler;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What an event costs a dispatcher, by policy, number of workers and of waiting requests. Time and
 * allocation include making the event itself. Arguments: a file for JSON, then {@code policy=},
 * {@code workers=} and {@code waiting=} with comma-separated values to run instead of all.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 15, time = 2)
@Measurement(iterations = 12, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"})
@State(Scope.Thread)
public class DispatcherBenchmark {
    /** {@code hfx-whole} with the most requests of a batch; the others run token by token. */
    @Param({"hfx", "edf", "sarathi", "hfx-whole/1", "hfx-whole/8"})
    public String policy = "";

    @Param({"1", "16", "1000"})
    public int workers;

    @Param({"0", "10", "1000", "10000", "100000"})
    public int waiting;

    private DispatcherLoad load = DispatcherLoad.of("edf", 1, 0);

    @Setup
    public void fill() {
        load = DispatcherLoad.of(policy, workers, waiting);
    }

    /** One of a round of three: a request comes, one starts, one ends. */
    @Benchmark
    public int event() {
        return load.next();
    }

    public static void main(String[] args) throws RunnerException, IOException {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include(DispatcherBenchmark.class.getName())
                        .addProfiler(GCProfiler.class)
                        .addProfiler(ThreadCpuProfiler.class);
        for (String arg : Arrays.asList(args).subList(Math.min(1, args.length), args.length)) {
            String[] pair = arg.split("=", 2);
            options.param(pair[0], pair[1].split(","));
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        for (RunResult result : new Runner(options.build()).run()) {
            rows.add(row(result));
        }
        if (args.length > 0) {
            new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(new File(args[0]), Map.of("events", rows));
        }
    }

    private static Map<String, Object> row(RunResult result) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (String key : result.getParams().getParamsKeys()) {
            row.put(key, result.getParams().getParam(key));
        }
        var nanos = result.getPrimaryResult().getStatistics();
        row.put("cpuNanos", secondary(result, ThreadCpuProfiler.LABEL));
        row.put("p50Nanos", Math.round(nanos.getPercentile(50)));
        row.put("p90Nanos", Math.round(nanos.getPercentile(90)));
        row.put("p99Nanos", Math.round(nanos.getPercentile(99)));
        row.put("leastP99Nanos", leastP99Nanos(result));
        row.put("allocatedBytes", secondary(result, "gc.alloc.rate.norm"));
        return row;
    }

    /** That of the iteration which other work on the machine disturbed least. */
    private static long leastP99Nanos(RunResult result) {
        double least = Double.MAX_VALUE;
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                var nanos = iteration.getPrimaryResult().getStatistics();
                least = Math.min(least, nanos.getPercentile(99));
            }
        }
        return Math.round(least);
    }

    private static long secondary(RunResult result, String label) {
        Result<?> measured = result.getSecondaryResults().get(label);
        return Math.round(Objects.requireNonNull(measured, "not measured").getScore());
    }
}
