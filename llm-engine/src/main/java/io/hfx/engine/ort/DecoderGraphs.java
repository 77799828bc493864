package io.hfx.engine.ort;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.ort.OnnxGraph.Attribute;
import java.util.ArrayList;
import java.util.List;

/**
 * The graphs of a Llama-shaped decoder, cut around attention: the weights are read once per step
 * for all packed tokens [T, H] of it, attention runs once per range of slots or per chunk. A model
 * of L layers runs {@link #first}, L-1 times {@link #middle} and {@link #last}, with {@link
 * #attention} between.
 *
 * <p>Projections stay [out, in], as Hugging Face stores them.
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
        return (config.heads() + 2 * config.kvHeads()) * config.headDim();
    }

    /** Width of one row of attention output. */
    public static int attentionWidth(ModelConfig config) {
        return config.heads() * config.headDim();
    }

    /** ids [T] to x [T, H] and qkv [T, Q]. The embedding is always an input: it is only read. */
    public byte[] first() {
        OnnxGraph graph = new OnnxGraph("first").longs("ids", "T");
        graph.floats("embed", config.vocabulary(), config.hidden());
        graph.node("Gather", List.of("embed", "ids"), "x");
        graph.output("x", "T", config.hidden());
        qkv(graph, "x");
        return graph.toBytes();
    }

    /** x [T, H] and att [T, A] of one layer to y [T, H] and qkv [T, Q] of the next. */
    public byte[] middle() {
        OnnxGraph graph = new OnnxGraph("middle");
        graph.floats("x", "T", config.hidden()).floats("att", "T", attentionWidth(config));
        rest(graph, "x", "att", "y");
        graph.output("y", "T", config.hidden());
        qkv(graph, "y");
        return graph.toBytes();
    }

    /** x and att of the last layer to logits [N, V] of the wanted rows [N]; others are skipped. */
    public byte[] last() {
        OnnxGraph graph = new OnnxGraph("last").longs("rows", "N");
        graph.floats("x", "T", config.hidden()).floats("att", "T", attentionWidth(config));
        graph.node("Gather", List.of("x", "rows"), "xn");
        graph.node("Gather", List.of("att", "rows"), "attn");
        rest(graph, "xn", "attn", "y");
        weight(graph, "final_norm", config.hidden());
        graph.rmsNorm("y", "final_norm", config.rmsNormEps(), "normed");
        project(graph, "normed", "head", config.hidden(), config.vocabulary(), "logits");
        graph.output("logits", "N", config.vocabulary());
        return graph.toBytes();
    }

    /**
     * Rotary embedding, cache update and attention for B slots and S new tokens each: qkv [B, S, Q]
     * to att [B, S, A], with the cache [B, kvHeads, P, D] updated in place. Positions follow from
     * {@code lengths} (total length of each row after this run, minus one); {@code longest} is the
     * greatest total length.
     */
    public byte[] attention() {
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
                Attribute.of("do_rotary", 1),
                Attribute.of("rotary_interleaved", 0));
        graph.output("att", "B", "S", attentionWidth(config));
        graph.output("present_key", "B", kv, "P", dim).output("present_value", "B", kv, "P", dim);
        return graph.toBytes();
    }

    private void qkv(OnnxGraph graph, String input) {
        int kvWidth = config.kvHeads() * config.headDim();
        weight(graph, "input_norm", config.hidden());
        graph.rmsNorm(input, "input_norm", config.rmsNormEps(), "n1");
        project(graph, "n1", "q", config.hidden(), attentionWidth(config), "query");
        project(graph, "n1", "k", config.hidden(), kvWidth, "key");
        project(graph, "n1", "v", config.hidden(), kvWidth, "value");
        graph.node("Concat", List.of("query", "key", "value"), "qkv", Attribute.of("axis", 1));
        graph.output("qkv", "T", qkvWidth(config));
    }

    private void rest(OnnxGraph graph, String x, String att, String output) {
        int hidden = config.hidden();
        project(graph, att, "o", attentionWidth(config), hidden, "oo");
        graph.node("Add", List.of(x, "oo"), "x1");
        weight(graph, "post_norm", hidden);
        graph.rmsNorm("x1", "post_norm", config.rmsNormEps(), "n2");
        project(graph, "n2", "gate", hidden, config.intermediate(), "g");
        project(graph, "n2", "up", hidden, config.intermediate(), "u");
        graph.node("Sigmoid", List.of("g"), "sg");
        graph.node("Mul", List.of("g", "sg"), "silu");
        graph.node("Mul", List.of("silu", "u"), "gu");
        project(graph, "gu", "down", config.intermediate(), hidden, "d");
        graph.node("Add", List.of("x1", "d"), output);
    }

    private void project(
            OnnxGraph graph, String input, String weight, long in, long out, String output) {
        weight(graph, weight, out, in);
        graph.node("Gemm", List.of(input, weight), output, Attribute.of("transB", 1));
    }

    private void weight(OnnxGraph graph, String name, long... dims) {
        if (weightsInside) {
            graph.external(name, dims);
        } else {
            List<Object> sizes = new ArrayList<>();
            for (long dim : dims) {
                sizes.add(dim);
            }
            graph.floats(name, sizes.toArray());
        }
    }
}
