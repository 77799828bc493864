package io.hfx.plugin.djl;

import ai.djl.serving.wlm.util.WorkerJob;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.File;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What a model's queue costs a job that runs for no time: from its arrival until the worker that
 * ran it asks for the next, beside the queue of stock DJL Serving, used as the server does. Needs
 * the jars of {@code DJL_SERVING_HOME/lib} on the class path. Writes JSON to the file that is its
 * argument.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 8, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class QueueBenchmark {
    private static final String OUTPUT = "output";

    /** One thread is client and worker: nobody waits. */
    @State(Scope.Benchmark)
    public static class OneThread {
        @Param({"stock", "hfx"})
        public String queue = "";

        @Param({"1", "8", "32"})
        public int outstanding;

        BlockingQueue<WorkerJob<String, String>> jobs = Queues.named("stock");

        @Setup
        public void fill() {
            jobs = Queues.named(queue);
            for (int i = 1; i < outstanding; i++) {
                Queues.add(jobs);
            }
        }
    }

    /** A client that keeps so many jobs outstanding, and threads that run them. */
    @State(Scope.Benchmark)
    public static class Workers {
        @Param({"stock", "hfx"})
        public String queue = "";

        @Param({"1", "8", "32"})
        public int outstanding;

        @Param({"1", "4"})
        public int workers;

        BlockingQueue<WorkerJob<String, String>> jobs = Queues.named("stock");
        Semaphore answered = new Semaphore(0);
        private final List<Thread> threads = new ArrayList<>();

        @Setup
        public void start() {
            jobs = Queues.named(queue);
            answered = new Semaphore(outstanding);
            for (int i = 0; i < workers; i++) {
                Thread thread = new Thread(this::work, "worker-" + i);
                threads.add(thread);
                thread.start();
            }
        }

        private void work() {
            try {
                while (true) {
                    Queues.take(jobs).getFuture().complete(OUTPUT);
                    answered.release();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @TearDown
        public void stop() throws InterruptedException {
            threads.forEach(Thread::interrupt);
            for (Thread thread : threads) {
                thread.join();
            }
            threads.clear();
        }
    }

    /** A job's way without any hand-over between threads. */
    @Benchmark
    public void oneThread(OneThread state) throws InterruptedException {
        Queues.add(state.jobs);
        Queues.take(state.jobs).getFuture().complete(OUTPUT);
    }

    /** A job's way through worker threads. */
    @Benchmark
    public void workers(Workers state) throws InterruptedException {
        state.answered.acquire();
        Queues.add(state.jobs);
    }

    public static void main(String[] args) throws Exception {
        Collection<RunResult> results =
                new Runner(
                                new OptionsBuilder()
                                        .include(QueueBenchmark.class.getName())
                                        .addProfiler(GCProfiler.class)
                                        .addProfiler(ThreadCpuProfiler.class)
                                        .build())
                        .run();
        List<Map<String, Object>> rows = new ArrayList<>();
        results.forEach(result -> rows.add(row(result)));
        ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        if (args.length > 0) {
            json.writeValue(new File(args[0]), Map.of("jobs", rows));
        }
    }

    private static Map<String, Object> row(RunResult result) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("benchmark", result.getPrimaryResult().getLabel());
        for (String key : result.getParams().getParamsKeys()) {
            row.put(key, result.getParams().getParam(key));
        }
        row.put("cpuNanos", number(result.getSecondaryResults().get(ThreadCpuProfiler.LABEL)));
        row.put("wallNanos", number(result.getPrimaryResult()));
        row.put("allocatedBytes", number(result.getSecondaryResults().get("gc.alloc.rate.norm")));
        return row;
    }

    private static long number(@Nullable Result<?> result) {
        return Math.round(Objects.requireNonNull(result, "not measured").getScore());
    }
}
