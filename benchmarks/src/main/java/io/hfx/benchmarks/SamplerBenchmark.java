package io.hfx.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.hfx.engine.sampling.LogitBias;
import io.hfx.engine.sampling.SampledSequence;
import io.hfx.engine.sampling.Sampler;
import io.hfx.engine.sampling.SamplingParams;
import java.io.File;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Cost of one token at a vocabulary of 128 Ki, in thread CPU time, with the heap that it allocates.
 * Two rows: a peaked one as a model mostly gives (normal, deviation 2.5, and 50 tokens far above),
 * and a flat one (normal, deviation 0.5), where a filter keeps tens of thousands. Writes JSON.
 */
public final class SamplerBenchmark {
    private static final int VOCABULARY = 131_072;
    private static final int PROMPT = 2_000;
    private static final int OUTPUT = 500;
    private static final int REPEATS = 401;

    private final Sampler sampler = new Sampler();
    private final Random random = new Random(1);
    private int sink;

    private SamplerBenchmark() {}

    public static void main(String[] args) throws Exception {
        SamplerBenchmark benchmark = new SamplerBenchmark();
        Map<String, Object> report = new LinkedHashMap<>();
        report.put(
                "unit",
                "microseconds of thread CPU time per token, median of " + REPEATS + "; bytes");
        report.put("vocabulary", VOCABULARY);
        benchmark.rows(2.5, 50); // warms up
        report.put("peaked", benchmark.rows(2.5, 50));
        report.put("flat", benchmark.rows(0.5, 0));
        ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        System.out.println(json.writeValueAsString(report));
        if (args.length > 0) {
            json.writeValue(new File(args[0]), report);
        }
        if (benchmark.sink == 0) {
            throw new IllegalStateException("nothing was sampled");
        }
    }

    private Map<String, Object> rows(double deviation, int peaks) throws Exception {
        FloatBuffer row = FloatBuffer.allocate(VOCABULARY);
        for (int id = 0; id < VOCABULARY; id++) {
            row.put(id, (float) (deviation * random.nextGaussian()));
        }
        for (int i = 0; i < peaks; i++) {
            row.put(random.nextInt(VOCABULARY), 12 + 6 * random.nextFloat());
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("greedy", token(row, params().temperature(0)));
        out.put("temperature", token(row, params()));
        out.put("topP0.9", token(row, params().topP(0.9)));
        out.put("topK50", token(row, params().topK(50)));
        out.put("minP0.05", token(row, params().minP(0.05)));
        out.put("penalties", token(row, penalties(params())));
        out.put("everything", token(row, penalties(params()).topP(0.9).topK(50).minP(0.01)));
        out.put("logprobs0", measured(() -> sink += logprobs(row, 0)));
        out.put("logprobs20", measured(() -> sink += logprobs(row, 20)));
        return out;
    }

    private static SamplingParams.Builder params() {
        return SamplingParams.builder().temperature(0.8).seed(7);
    }

    private static SamplingParams.Builder penalties(SamplingParams.Builder params) {
        return params.repetitionPenalty(1.1)
                .presencePenalty(0.2)
                .frequencyPenalty(0.1)
                .logitBias(LogitBias.of(Map.of(5, 1f, 70_000, -100f)));
    }

    private Map<String, Object> token(FloatBuffer row, SamplingParams.Builder params)
            throws Exception {
        int[] prompt = random.ints(PROMPT, 0, VOCABULARY).toArray();
        SampledSequence sequence =
                new SampledSequence(params.build(), 0, prompt, Set.of(2), OUTPUT);
        random.ints(OUTPUT, 0, VOCABULARY).forEach(sequence::add);
        return measured(
                () -> {
                    int id = sampler.sample(row, sequence);
                    sequence.add(id);
                    sink += id;
                });
    }

    private int logprobs(FloatBuffer row, int alternatives) {
        return sampler.logprobs(row, 3, alternatives).topIds().length + 1;
    }

    private static Map<String, Object> measured(CpuTimer.Task task) throws Exception {
        long nanos = CpuTimer.medianNanos(REPEATS, task);
        long before = CpuTimer.allocatedBytes();
        for (int i = 0; i < REPEATS; i++) {
            task.run();
        }
        long bytes = (CpuTimer.allocatedBytes() - before) / REPEATS;
        return Map.of("micros", Math.round(nanos / 100.0) / 10.0, "bytes", bytes);
    }
}
