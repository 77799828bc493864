package io.hfx.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import java.io.File;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Speed of the ONNX Runtime executor on the small shape with random weights, one thread, in thread
 * CPU time: decode by batch, prefill by length, mixed steps, both forms of the weights with their
 * memory, and the share of the memory bandwidth that a single decode reaches. Writes JSON.
 */
public final class EngineBenchmark {
    private static final int REPEATS = 31;
    private static final int CONTEXT = 150;
    private static final int SLOTS = 18;

    private final OrtModel model;
    private final Map<String, Object> report = new LinkedHashMap<>();

    private EngineBenchmark(OrtModel model) {
        this.model = model;
    }

    public static void main(String[] args) throws Exception {
        ModelConfig config = RandomWeights.small(1100);
        RandomWeights weights = new RandomWeights(config);
        new OrtModel(config, "random", weights::tensor, 1).close(); // makes the weights
        long startNanos = System.nanoTime();
        try (OrtModel model = new OrtModel(config, "random", weights::tensor, 1)) {
            EngineBenchmark benchmark = new EngineBenchmark(model);
            benchmark.report.put("unit", "thread CPU time, median of " + REPEATS + ", 1 thread");
            benchmark.report.put("onnxruntime", Ort.ENVIRONMENT.getVersion());
            benchmark.report.put("weightMegabytes", weights.bytes() >> 20);
            benchmark.report.put("startWallMs", (System.nanoTime() - startNanos) / 1_000_000);
            benchmark.memory(weights);
            benchmark.run();
            long readBytes = weights.bytes() - weights.embeddingBytes();
            benchmark.bandwidth(readBytes);
            ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
            System.out.println(json.writeValueAsString(benchmark.report));
            if (args.length > 0) {
                json.writeValue(new File(args[0]), benchmark.report);
            }
        }
    }

    private void run() throws Exception {
        report.put("unpacked", form());
        long beforeNanos = System.nanoTime();
        model.optimise().toCompletableFuture().join();
        report.put("packWallMs", (System.nanoTime() - beforeNanos) / 1_000_000);
        report.put("packedMegabytes", model.packedBytes() >> 20);
        report.put("prepacked", form());
    }

    /** Memory of both forms with one executor of one slot, before anything else has run. */
    private void memory(RandomWeights weights) throws Exception {
        try (OrtModel probe = new OrtModel(model.config(), "random", weights::tensor, 1);
                OrtExecutor executor = new OrtExecutor(probe, OrtOptions.of(1, 1100));
                KvSequence sequence = executor.open(100)) {
            step(executor, List.of(segment(sequence, 1)));
            report.put("rssMegabytesUnpacked", rssMegabytes());
            probe.optimise().toCompletableFuture().join();
            step(executor, List.of(segment(sequence, 1)));
            report.put("rssMegabytesPrepacked", rssMegabytes());
        }
    }

    private Map<String, Object> form() throws Exception {
        Map<String, Object> out = new LinkedHashMap<>();
        Map<String, Object> decode = new LinkedHashMap<>();
        for (int batch : new int[] {1, 2, 4, 8, 16}) {
            decode.put("batch" + batch, perSecond(batch, mixed(batch, 1, 0, 0)));
        }
        out.put("decodeTokensPerSecond", decode);
        Map<String, Object> prefill = new LinkedHashMap<>();
        for (int tokens : new int[] {128, 512, 1024}) {
            prefill.put("prompt" + tokens, perSecond(tokens, prefill(tokens)));
        }
        out.put("prefillTokensPerSecond", prefill);
        out.put("mixed8DecodesAnd2ChunksOf128Ms", mixed(8, 1, 2, 128) / 1e6);
        out.put("decode8InOneRangeMs", mixed(8, 1, 0, 0) / 1e6);
        out.put("decode8InEightRangesMs", mixed(8, 2, 0, 0) / 1e6);
        out.put("heapBytesPerStepOf8Decodes", heapBytesPerStep());
        return out;
    }

    /** Java heap that one step of eight decodes leaves to the collector. */
    private long heapBytesPerStep() throws Exception {
        try (OrtExecutor executor = executor()) {
            List<Segment> segments = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                segments.add(segment(executor.open(1000), 1));
            }
            for (int i = 0; i < REPEATS; i++) {
                step(executor, segments);
            }
            long before = CpuTimer.allocatedBytes();
            for (int i = 0; i < REPEATS; i++) {
                step(executor, segments);
            }
            return (CpuTimer.allocatedBytes() - before) / REPEATS;
        }
    }

    /** One whole prompt per step. */
    private long prefill(int tokens) throws Exception {
        try (OrtExecutor executor = executor()) {
            return CpuTimer.medianNanos(
                    REPEATS / 3,
                    () -> {
                        try (KvSequence sequence = executor.open(tokens)) {
                            step(executor, List.of(segment(sequence, tokens)));
                        }
                    });
        }
    }

    /** Decodes in every {@code stride}-th slot and chunks that start at 128. */
    private long mixed(int decodes, int stride, int chunks, int chunkTokens) throws Exception {
        try (OrtExecutor executor = executor()) {
            List<KvSequence> decoding = new ArrayList<>();
            for (int i = 0; i < decodes * stride; i++) {
                KvSequence sequence = executor.open(CONTEXT + 64);
                if (i % stride == 0) {
                    step(executor, List.of(segment(sequence, CONTEXT - REPEATS / 2)));
                    decoding.add(sequence);
                }
            }
            return CpuTimer.medianNanosPrepared(
                    REPEATS, () -> chunked(executor, decoding, chunks, chunkTokens));
        }
    }

    private CpuTimer.Task chunked(
            OrtExecutor executor, List<KvSequence> decoding, int chunks, int chunkTokens) {
        List<Segment> segments = new ArrayList<>();
        decoding.forEach(sequence -> segments.add(segment(sequence, 1)));
        List<KvSequence> prefilling = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            KvSequence sequence = executor.open(2 * chunkTokens);
            step(executor, List.of(segment(sequence, chunkTokens)));
            segments.add(segment(sequence, chunkTokens));
            prefilling.add(sequence);
        }
        return () -> {
            step(executor, segments);
            prefilling.forEach(KvSequence::close);
        };
    }

    private OrtExecutor executor() {
        return new OrtExecutor(model, OrtOptions.of(SLOTS, 1100));
    }

    private static Segment segment(KvSequence sequence, int tokens) {
        int[] ids = new int[tokens];
        for (int i = 0; i < tokens; i++) {
            ids[i] = (sequence.length() + i) * 7919 % 16000;
        }
        return new Segment(sequence, ids, true);
    }

    private static void step(OrtExecutor executor, List<Segment> segments) {
        try (StepCursor cursor = executor.begin(new StepInput(segments))) {
            while (!cursor.advance()) {}
        }
    }

    private static long perSecond(int tokens, long nanos) {
        return Math.round(tokens * 1e9 / nanos);
    }

    /** The best of many vectorised comparisons that read as many bytes as a decode does. */
    private void bandwidth(long weightBytes) throws Exception {
        long[] half = new long[Math.toIntExact(weightBytes / (2 * Long.BYTES))];
        long[] other = half.clone();
        int[] equal = new int[1];
        long nanos =
                CpuTimer.bestNanos(REPEATS, () -> equal[0] += Arrays.equals(half, other) ? 1 : 0);
        double bytesPerNano = weightBytes / (double) nanos;
        report.put("readBandwidthGigabytesPerSecond", bytesPerNano);
        report.put("bytesReadPerDecode", weightBytes);
        for (String form : List.of("unpacked", "prepacked")) {
            Map<?, ?> decode = (Map<?, ?>) get((Map<?, ?>) get(form), "decodeTokensPerSecond");
            double perSecond = ((Number) get(decode, "batch1")).doubleValue();
            report.put(form + "Batch1ShareOfBandwidth", perSecond * nanos / 1e9);
            double sixteen = ((Number) get(decode, "batch16")).doubleValue();
            report.put(form + "Batch16OverBatch1", sixteen / perSecond);
        }
        if (equal[0] == 0) {
            throw new IllegalStateException("the comparison was not run");
        }
    }

    private Object get(String key) {
        return get(report, key);
    }

    private static Object get(Map<?, ?> map, String key) {
        Object value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("no " + key);
        }
        return value;
    }

    /** After a collection, since closed executors leave their direct buffers to it. */
    private static long rssMegabytes() throws IOException, InterruptedException {
        System.gc();
        Thread.sleep(300);
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
            }
        }
        return -1;
    }

    /** Random weights of a shape, by Hugging Face name. */
    static final class RandomWeights {
        private final ModelConfig config;
        private final Map<String, FloatBuffer> tensors = new HashMap<>();

        RandomWeights(ModelConfig config) {
            this.config = config;
        }

        static ModelConfig small(int positions) {
            return ModelConfig.parse(
                    """
                    {"model_type": "llama", "num_hidden_layers": 6, "hidden_size": 512,
                     "num_attention_heads": 8, "num_key_value_heads": 2,
                     "intermediate_size": 1408, "vocab_size": 16000, "rms_norm_eps": 1e-5,
                     "max_position_embeddings": %d}
                    """
                            .formatted(positions));
        }

        FloatBuffer tensor(String name) {
            return tensors.computeIfAbsent(name, this::make).duplicate();
        }

        long bytes() {
            return tensors.values().stream().mapToLong(t -> (long) t.capacity() * 4).sum();
        }

        long embeddingBytes() {
            return (long) config.vocabulary() * config.hidden() * Float.BYTES;
        }

        private FloatBuffer make(String name) {
            boolean norm = name.contains("norm");
            FloatBuffer data = Ort.buffer(norm ? config.hidden() : rows(name) * columns(name));
            SplittableRandom random = new SplittableRandom(name.hashCode());
            double scale = norm ? 1 : 1 / Math.sqrt((double) columns(name));
            while (data.hasRemaining()) {
                data.put((float) ((random.nextDouble() * 2 - 1) * scale));
            }
            return data.flip();
        }

        private long rows(String name) {
            if (name.contains("embed") || name.contains("lm_head")) {
                return config.vocabulary();
            }
            if (name.contains("gate") || name.contains("up_proj")) {
                return config.intermediate();
            }
            if (name.contains("k_proj") || name.contains("v_proj")) {
                return (long) config.kvHeads() * config.headDim();
            }
            return config.hidden();
        }

        private long columns(String name) {
            return name.contains("down") ? config.intermediate() : config.hidden();
        }
    }
}
