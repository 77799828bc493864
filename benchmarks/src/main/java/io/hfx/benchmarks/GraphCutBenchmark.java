package io.hfx.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.ort.DecoderGraphs;
import io.hfx.engine.ort.OnnxGraph;
import io.hfx.engine.ort.OnnxGraph.Attribute;
import java.io.File;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures, on raw graphs and one thread, where to cut the decoder: a whole layer per run, each
 * decode batch and each chunk on its own, against weights once over all packed tokens and attention
 * per range. It also measures the layout of a weight. Prints a table and writes JSON.
 */
public final class GraphCutBenchmark {
    private static final ModelConfig SMALL = EngineBenchmark.RandomWeights.small(1024);
    private static final int CAPACITY = 1024;
    private static final int SLOTS = 20;
    private static final int REPEATS = 21;

    /** Decodes of some context and prefill chunks that start at {@code chunkPast}. */
    private record Load(int decodes, int context, int chunks, int chunkTokens, int chunkPast) {
        String label() {
            return decodes
                    + " decodes at "
                    + context
                    + " + "
                    + chunks
                    + " chunks of "
                    + chunkTokens
                    + " at "
                    + chunkPast;
        }
    }

    private final Map<String, OnnxTensor> weights = new HashMap<>();
    private final Map<String, OnnxTensor> turnedWeights = new HashMap<>();
    private final FloatBuffer keyPool = Ort.buffer((long) SLOTS * slotFloats() * SMALL.layers());
    private final FloatBuffer valuePool = Ort.buffer((long) SLOTS * slotFloats() * SMALL.layers());
    private final OnnxTensor cos = Ort.random(1, 1, CAPACITY, SMALL.headDim() / 2);
    private final OnnxTensor sin = Ort.random(2, 1, CAPACITY, SMALL.headDim() / 2);
    private final boolean prepacked;

    private GraphCutBenchmark(boolean prepacked) throws OrtException {
        this.prepacked = prepacked;
        int h = SMALL.hidden();
        int a = SMALL.queryWidth();
        int kv = SMALL.kvHeads() * SMALL.headDim();
        int i = SMALL.intermediate();
        for (int layer = 0; layer < SMALL.layers(); layer++) {
            put(layer, "input_layernorm.weight", h);
            put(layer, "self_attn.q_proj.weight", h, a);
            put(layer, "self_attn.k_proj.weight", h, kv);
            put(layer, "self_attn.v_proj.weight", h, kv);
            put(layer, "self_attn.o_proj.weight", a, h);
            put(layer, "post_attention_layernorm.weight", h);
            put(layer, "mlp.gate_proj.weight", h, i);
            put(layer, "mlp.up_proj.weight", h, i);
            put(layer, "mlp.down_proj.weight", i, h);
        }
        weights.put("embed", Ort.random(3, 1, SMALL.vocabulary(), h));
        weights.put("head", Ort.random(4, 0.05, h, SMALL.vocabulary()));
        weights.put("final_norm", Ort.random(5, 1, h));
    }

    public static void main(String[] args) throws Exception {
        File out = args.length > 0 ? new File(args[0]) : null;
        List<Load> loads =
                List.of(
                        new Load(8, 150, 2, 128, 128),
                        new Load(8, 150, 1, 128, 128),
                        new Load(1, 150, 0, 0, 0),
                        new Load(8, 150, 0, 0, 0),
                        new Load(16, 150, 0, 0, 0),
                        new Load(0, 0, 1, 128, 0),
                        new Load(0, 0, 1, 512, 0));
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("unit", "ms of thread CPU time, median of " + REPEATS + ", 1 thread");
        report.put("onnxruntime", Ort.ENVIRONMENT.getVersion());
        List<Map<String, Object>> rows = new ArrayList<>();
        for (boolean prepacked : new boolean[] {true, false}) {
            GraphCutBenchmark bench = new GraphCutBenchmark(prepacked);
            WholeLayer whole = bench.new WholeLayer();
            AroundAttention around = bench.new AroundAttention();
            for (Load load : loads) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("load", load.label());
                row.put("form", prepacked ? "prepacked" : "weights as inputs");
                row.put("wholeLayerMs", millis(() -> whole.step(load)));
                row.put("aroundAttentionMs", millis(() -> around.step(load)));
                rows.add(row);
                System.out.println(row);
            }
        }
        report.put("cuts", rows);
        report.put("weightLayouts", layouts());
        ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        if (out != null) {
            json.writeValue(out, report);
        }
    }

    private static double millis(CpuTimer.Task task) throws Exception {
        return Math.round(CpuTimer.medianNanos(REPEATS, task) / 1e4) / 100.0;
    }

    /** One product of [M, 512] with [512, N], both layouts, both forms. */
    private static List<Map<String, Object>> layouts() throws Exception {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int n : new int[] {1408, 16000}) {
            for (boolean prepacked : new boolean[] {true, false}) {
                OrtSession inOut = product(n, prepacked, false);
                OrtSession outIn = product(n, prepacked, true);
                OnnxTensor a = Ort.random(7, 0.05, SMALL.hidden(), n);
                OnnxTensor b = Ort.random(8, 0.05, n, SMALL.hidden());
                for (int m : new int[] {1, 8, 16, 256}) {
                    OnnxTensor x = Ort.random(9, 1, m, SMALL.hidden());
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("m", m);
                    row.put("self_attn.k_proj.weight", SMALL.hidden());
                    row.put("n", n);
                    row.put("form", prepacked ? "prepacked" : "weights as inputs");
                    row.put("matMulInOutMs", millis(() -> run(inOut, x, prepacked ? null : a)));
                    row.put("gemmOutInMs", millis(() -> run(outIn, x, prepacked ? null : b)));
                    rows.add(row);
                    System.out.println(row);
                }
            }
        }
        return rows;
    }

    private static void run(OrtSession session, OnnxTensor x, @Nullable OnnxTensor w)
            throws OrtException {
        session.run(w == null ? Map.of("x", x) : Map.of("x", x, "w", w)).close();
    }

    private static OrtSession product(int n, boolean prepacked, boolean transposed)
            throws OrtException {
        long[] shape = transposed ? new long[] {n, SMALL.hidden()} : new long[] {SMALL.hidden(), n};
        OnnxGraph graph = new OnnxGraph("product").floats("x", "M", SMALL.hidden());
        if (prepacked) {
            graph.external("w", shape);
        } else {
            graph.floats("w", shape[0], shape[1]);
        }
        if (transposed) {
            graph.node("Gemm", List.of("x", "w"), "y", Attribute.of("transB", 1));
        } else {
            graph.node("MatMul", List.of("x", "w"), "y");
        }
        graph.output("y", "M", n);
        return Ort.session(
                graph.toBytes(), prepacked ? Map.of("w", Ort.random(7, 0.05, shape)) : Map.of());
    }

    private void put(int layer, String name, long... shape) throws OrtException {
        double scale = shape.length == 1 ? 1 : 1 / Math.sqrt((double) shape[0]);
        OnnxTensor tensor = Ort.random(layer * 16L + name.length(), scale, shape);
        weights.put(layer + "." + name, tensor);
        long[] turned = shape.length == 1 ? shape : new long[] {shape[1], shape[0]};
        turnedWeights.put(
                layer + "." + name,
                shape.length == 1 ? tensor : Ort.random(layer * 16L, scale, turned));
    }

    private static long slotFloats() {
        return (long) SMALL.kvHeads() * CAPACITY * SMALL.headDim();
    }

    private static Map<String, OnnxTensor> ofLayer(
            Map<String, OnnxTensor> from, int layer, String... names) {
        Map<String, OnnxTensor> picked = new HashMap<>();
        for (String name : names) {
            picked.put(name, from.get(layer + "." + name));
        }
        return picked;
    }

    private OnnxTensor cache(FloatBuffer pool, int layer, int slot, int count) throws OrtException {
        return Ort.slice(
                pool,
                ((long) layer * SLOTS + slot) * slotFloats(),
                count,
                SMALL.kvHeads(),
                CAPACITY,
                SMALL.headDim());
    }

    /** Inputs of an attention over a range of slots; output tensors are pinned to them. */
    private Map<String, OnnxTensor> past(int layer, int slot, int rows, int length)
            throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        int[] lengths = new int[rows];
        Arrays.fill(lengths, length - 1);
        inputs.put("past_key", cache(keyPool, layer, slot, rows));
        inputs.put("past_value", cache(valuePool, layer, slot, rows));
        inputs.put("lengths", Ort.ints(lengths, rows));
        inputs.put("longest", Ort.ints(new int[] {length}));
        inputs.put("cos", cos);
        inputs.put("sin", sin);
        return inputs;
    }

    private static Map<String, OnnxTensor> pinned(Map<String, OnnxTensor> past) {
        Map<String, OnnxTensor> outputs = new HashMap<>();
        outputs.put("present_key", past.get("past_key"));
        outputs.put("present_value", past.get("past_value"));
        return outputs;
    }

    /** A session and the inputs that it gets besides the activations. */
    private record Piece(OrtSession session, Map<String, OnnxTensor> weights) {
        void run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
                throws OrtException {
            Map<String, OnnxTensor> all = new HashMap<>(weights);
            all.putAll(inputs);
            session.run(all, outputs).close();
        }
    }

    private Piece piece(byte[] graph, Map<String, OnnxTensor> its) throws OrtException {
        return prepacked
                ? new Piece(Ort.session(graph, its), Map.of())
                : new Piece(Ort.session(graph, Map.of()), its);
    }

    /** The rejected cut. Head excluded, as it is the same in both. */
    private final class WholeLayer {
        private final List<Piece> layers = new ArrayList<>();
        private final FloatBuffer x = Ort.buffer(1024L * SMALL.hidden());

        WholeLayer() throws OrtException {
            for (int layer = 0; layer < SMALL.layers(); layer++) {
                layers.add(
                        piece(
                                WholeLayerGraph.of(SMALL, prepacked),
                                ofLayer(
                                        weights,
                                        layer,
                                        "input_layernorm.weight",
                                        "self_attn.q_proj.weight",
                                        "self_attn.k_proj.weight",
                                        "self_attn.v_proj.weight",
                                        "self_attn.o_proj.weight",
                                        "post_attention_layernorm.weight",
                                        "mlp.gate_proj.weight",
                                        "mlp.up_proj.weight",
                                        "mlp.down_proj.weight")));
            }
        }

        void step(Load load) throws OrtException {
            if (load.decodes > 0) {
                group(0, load.decodes, 1, load.context);
            }
            for (int chunk = 0; chunk < load.chunks; chunk++) {
                group(load.decodes + chunk, 1, load.chunkTokens, load.chunkPast + load.chunkTokens);
            }
        }

        private void group(int slot, int rows, int tokens, int length) throws OrtException {
            try (OnnxTensor in = Ort.slice(x, 0, rows, tokens, SMALL.hidden());
                    OnnxTensor out =
                            Ort.slice(x, 512L * SMALL.hidden(), rows, tokens, SMALL.hidden())) {
                for (int layer = 0; layer < SMALL.layers(); layer++) {
                    Map<String, OnnxTensor> past = past(layer, slot, rows, length);
                    Map<String, OnnxTensor> outputs = pinned(past);
                    past.put("x", layer % 2 == 0 ? in : out);
                    outputs.put("y", layer % 2 == 0 ? out : in);
                    layers.get(layer).run(past, outputs);
                }
            }
        }
    }

    /** The kept cut. */
    private final class AroundAttention {
        private final Piece first;
        private final List<Piece> middle = new ArrayList<>();
        private final Piece rest;
        private final Piece attention;
        private final FloatBuffer x = Ort.buffer(1024L * SMALL.hidden());
        private final FloatBuffer qkv = Ort.buffer(1024L * DecoderGraphs.qkvWidth(SMALL));
        private final FloatBuffer att = Ort.buffer(1024L * SMALL.queryWidth());

        AroundAttention() throws OrtException {
            DecoderGraphs graphs = new DecoderGraphs(SMALL, prepacked);
            Piece inner =
                    piece(
                            graphs.first(),
                            ofLayer(
                                    turnedWeights,
                                    0,
                                    "input_layernorm.weight",
                                    "self_attn.q_proj.weight",
                                    "self_attn.k_proj.weight",
                                    "self_attn.v_proj.weight"));
            Map<String, OnnxTensor> withEmbed = new HashMap<>(inner.weights);
            withEmbed.put(TensorSpec.EMBEDDING, weights.get("embed"));
            first = new Piece(inner.session, withEmbed);
            for (int layer = 1; layer < SMALL.layers(); layer++) {
                Map<String, OnnxTensor> its =
                        ofLayer(
                                turnedWeights,
                                layer - 1,
                                "self_attn.o_proj.weight",
                                "post_attention_layernorm.weight",
                                "mlp.gate_proj.weight",
                                "mlp.up_proj.weight",
                                "mlp.down_proj.weight");
                its.putAll(
                        ofLayer(
                                turnedWeights,
                                layer,
                                "input_layernorm.weight",
                                "self_attn.q_proj.weight",
                                "self_attn.k_proj.weight",
                                "self_attn.v_proj.weight"));
                middle.add(piece(graphs.middle(), its));
            }
            // Closes the last layer over all rows, as the rejected cut does; no head.
            Map<String, OnnxTensor> its =
                    ofLayer(
                            turnedWeights,
                            SMALL.layers() - 1,
                            "self_attn.o_proj.weight",
                            "post_attention_layernorm.weight",
                            "mlp.gate_proj.weight",
                            "mlp.up_proj.weight",
                            "mlp.down_proj.weight");
            its.putAll(
                    ofLayer(
                            turnedWeights,
                            0,
                            "input_layernorm.weight",
                            "self_attn.q_proj.weight",
                            "self_attn.k_proj.weight",
                            "self_attn.v_proj.weight"));
            rest = piece(graphs.middle(), its);
            attention = new Piece(Ort.session(graphs.attention(-1), Map.of()), Map.of());
        }

        void step(Load load) throws OrtException {
            int tokens = load.decodes + load.chunks * load.chunkTokens;
            int h = SMALL.hidden();
            try (OnnxTensor in = Ort.slice(x, 0, tokens, h);
                    OnnxTensor out = Ort.slice(x, 512L * h, tokens, h);
                    OnnxTensor q = Ort.slice(qkv, 0, tokens, DecoderGraphs.qkvWidth(SMALL));
                    OnnxTensor a = Ort.slice(att, 0, tokens, SMALL.queryWidth());
                    OnnxTensor ids = Ort.longs(new long[tokens])) {
                first.run(Map.of("ids", ids), Map.of("x", in, "qkv", q));
                for (int layer = 0; layer < SMALL.layers(); layer++) {
                    attend(load, layer);
                    Piece next = layer + 1 < SMALL.layers() ? middle.get(layer) : rest;
                    OnnxTensor from = layer % 2 == 0 ? in : out;
                    OnnxTensor to = layer % 2 == 0 ? out : in;
                    next.run(Map.of("x", from, "att", a), Map.of("y", to, "qkv", q));
                }
            }
        }

        private void attend(Load load, int layer) throws OrtException {
            if (load.decodes > 0) {
                range(layer, 0, 0, load.decodes, 1, load.context);
            }
            for (int chunk = 0; chunk < load.chunks; chunk++) {
                range(
                        layer,
                        load.decodes + chunk * load.chunkTokens,
                        load.decodes + chunk,
                        1,
                        load.chunkTokens,
                        load.chunkPast + load.chunkTokens);
            }
        }

        private void range(int layer, int row, int slot, int rows, int tokens, int length)
                throws OrtException {
            int q = DecoderGraphs.qkvWidth(SMALL);
            int a = SMALL.queryWidth();
            Map<String, OnnxTensor> past = past(layer, slot, rows, length);
            Map<String, OnnxTensor> outputs = pinned(past);
            past.put("qkv", Ort.slice(qkv, (long) row * q, rows, tokens, q));
            outputs.put("att", Ort.slice(att, (long) row * a, rows, tokens, a));
            attention.run(past, outputs);
        }
    }
}
