package io.hfx.engine.ort;

import io.hfx.engine.checkpoint.LayerForm;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.ort.OnnxGraph.Attribute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The graphs of a decoder, cut around attention: the weights are read once per step for all packed
 * tokens [T, H] of it, attention runs once per range of slots or per chunk. A model of L layers
 * runs {@link #first}, L-1 times {@link #middle} and {@link #last}, with {@link #attention}
 * between.
 *
 * <p>Weights go by their Hugging Face names, those of a layer without the layer's prefix.
 * Projections stay [out, in], as Hugging Face stores them.
 */
public final class DecoderGraphs {
    private final ModelConfig config;
    private final boolean weightsInside;

    /**
     * @param weightsInside whether weights are initializers, which a session prepacks, or inputs
     */
    public DecoderGraphs(ModelConfig config, boolean weightsInside) {
        this.config = config;
        this.weightsInside = weightsInside;
    }

    /** Width of one packed row of query, key and value. */
    public static int qkvWidth(ModelConfig config) {
        return config.queryWidth() + 2 * config.kvWidth();
    }

    /** ids [T] to x [T, H] and qkv [T, Q]. The embedding is always an input: it is only read. */
    public byte[] first() {
        OnnxGraph graph = new OnnxGraph("first").longs("ids", "T");
        graph.floats(TensorSpec.EMBEDDING, config.vocabulary(), config.hidden());
        graph.node("Gather", List.of(TensorSpec.EMBEDDING, "ids"), "x");
        graph.output("x", "T", config.hidden());
        qkv(graph, "x");
        return graph.toBytes();
    }

    /** x [T, H] and att [T, A] of one layer to y [T, H] and qkv [T, Q] of the next. */
    public byte[] middle() {
        OnnxGraph graph = new OnnxGraph("middle");
        graph.floats("x", "T", config.hidden()).floats("att", "T", config.queryWidth());
        rest(graph, "x", "att", "y");
        graph.output("y", "T", config.hidden());
        qkv(graph, "y");
        return graph.toBytes();
    }

    /** x and att of the last layer to logits [N, V] of the wanted rows [N]; others are skipped. */
    public byte[] last() {
        OnnxGraph graph = new OnnxGraph("last").longs("rows", "N");
        graph.floats("x", "T", config.hidden()).floats("att", "T", config.queryWidth());
        graph.node("Gather", List.of("x", "rows"), "xn");
        graph.node("Gather", List.of("att", "rows"), "attn");
        rest(graph, "xn", "attn", "y");
        norm(graph, "y", TensorSpec.FINAL_NORM, config.hidden(), "normed");
        weight(graph, TensorSpec.HEAD, config.vocabulary(), config.hidden());
        graph.node("Gemm", List.of("normed", TensorSpec.HEAD), "logits", Attribute.of("transB", 1));
        graph.output("logits", "N", config.vocabulary());
        return graph.toBytes();
    }

    /**
     * Rotary embedding, cache update and attention for B slots and S new tokens each: qkv [B, S, Q]
     * to att [B, S, A], with the cache [B, kvHeads, P, D] updated in place. Positions follow from
     * {@code lengths} (total length of each row after this run, minus one); {@code longest} is the
     * greatest total length.
     *
     * @param localWindow the operator's attribute, see {@link AttentionWindow}; -1 for none
     */
    public byte[] attention(long localWindow) {
        int kv = config.kvHeads();
        int dim = config.headDim();
        OnnxGraph graph = new OnnxGraph("attention");
        graph.floats("qkv", "B", "S", qkvWidth(config));
        graph.floats("past_key", "B", kv, "P", dim).floats("past_value", "B", kv, "P", dim);
        graph.ints("lengths", "B").ints("longest");
        graph.floats("cos", "P", dim / 2).floats("sin", "P", dim / 2);
        graph.contrib(
                "GroupQueryAttention",
                List.of(
                        "qkv",
                        "",
                        "",
                        "past_key",
                        "past_value",
                        "lengths",
                        "longest",
                        "cos",
                        "sin"),
                List.of("att", "present_key", "present_value"),
                Attribute.of("num_heads", config.heads()),
                Attribute.of("kv_num_heads", kv),
                Attribute.of("local_window_size", localWindow),
                Attribute.of("do_rotary", 1),
                Attribute.of("rotary_interleaved", 0));
        graph.output("att", "B", "S", config.queryWidth());
        graph.output("present_key", "B", kv, "P", dim).output("present_value", "B", kv, "P", dim);
        return graph.toBytes();
    }

    private void qkv(OnnxGraph graph, String input) {
        LayerForm form = config.form();
        int hidden = config.hidden();
        norm(graph, input, "input_layernorm.weight", hidden, "n1");
        project(graph, "n1", "self_attn.q_proj", hidden, config.queryWidth(), form.qkvBias(), "q");
        project(graph, "n1", "self_attn.k_proj", hidden, config.kvWidth(), form.qkvBias(), "k");
        project(graph, "n1", "self_attn.v_proj", hidden, config.kvWidth(), form.qkvBias(), "v");
        if (form.qkNorm()) {
            graph.constant("by_head", -1, config.headDim());
            normHeads(graph, "q", config.queryWidth());
            normHeads(graph, "k", config.kvWidth());
        }
        String suffix = form.qkNorm() ? "_normed" : "";
        graph.node(
                "Concat", List.of("q" + suffix, "k" + suffix, "v"), "qkv", Attribute.of("axis", 1));
        graph.output("qkv", "T", qkvWidth(config));
    }

    /** Norm of each head's part of {@code name} [T, width]. */
    private void normHeads(OnnxGraph graph, String name, int width) {
        graph.node("Reshape", List.of(name, "by_head"), name + "_heads");
        norm(
                graph,
                name + "_heads",
                "self_attn." + name + "_norm.weight",
                config.headDim(),
                name + "_each");
        graph.constant(name + "_rows", -1, width);
        graph.node("Reshape", List.of(name + "_each", name + "_rows"), name + "_normed");
    }

    private void rest(OnnxGraph graph, String x, String att, String output) {
        LayerForm form = config.form();
        int hidden = config.hidden();
        int inner = config.intermediate();
        project(
                graph,
                att,
                "self_attn.o_proj",
                config.queryWidth(),
                hidden,
                form.outputBias(),
                "o");
        graph.node("Add", List.of(x, "o"), "x1");
        norm(graph, "x1", "post_attention_layernorm.weight", hidden, "n2");
        project(graph, "n2", "mlp.gate_proj", hidden, inner, form.mlpBias(), "g");
        project(graph, "n2", "mlp.up_proj", hidden, inner, form.mlpBias(), "u");
        graph.node("Sigmoid", List.of("g"), "sg");
        graph.node("Mul", List.of("g", "sg"), "silu");
        graph.node("Mul", List.of("silu", "u"), "gu");
        project(graph, "gu", "mlp.down_proj", inner, hidden, form.mlpBias(), "d");
        graph.node("Add", List.of("x1", "d"), output);
    }

    private void norm(OnnxGraph graph, String input, String weight, int width, String output) {
        weight(graph, weight, width);
        graph.rmsNorm(input, weight, config.rmsNormEps(), output);
    }

    private void project(
            OnnxGraph graph,
            String input,
            String module,
            long in,
            long out,
            boolean bias,
            String output) {
        List<String> inputs = new ArrayList<>(List.of(input, module + ".weight"));
        weight(graph, module + ".weight", out, in);
        if (bias) {
            weight(graph, module + ".bias", out);
            inputs.add(module + ".bias");
        }
        graph.node("Gemm", inputs, output, Attribute.of("transB", 1));
    }

    private void weight(OnnxGraph graph, String name, long... dims) {
        if (weightsInside) {
            graph.external(name, dims);
        } else {
            graph.floats(name, Arrays.stream(dims).boxed().toArray());
        }
    }
}
