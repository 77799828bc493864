package io.hfx.benchmarks;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.ort.OnnxGraph;
import io.hfx.engine.ort.OnnxGraph.Attribute;
import java.util.List;

/** One decoder layer as one graph: the cut that the executor does not use. */
final class WholeLayerGraph {
    private WholeLayerGraph() {}

    static byte[] of(ModelConfig config, boolean weightsInside) {
        int h = config.hidden();
        int a = config.heads() * config.headDim();
        int kv = config.kvHeads() * config.headDim();
        OnnxGraph graph = new OnnxGraph("layer").floats("x", "B", "S", h);
        for (String cache : List.of("past_key", "past_value")) {
            graph.floats(cache, "B", config.kvHeads(), "P", config.headDim());
        }
        graph.ints("lengths", "B").ints("longest");
        graph.floats("cos", "P", config.headDim() / 2).floats("sin", "P", config.headDim() / 2);
        weight(graph, weightsInside, "input_layernorm.weight", h);
        graph.rmsNorm("x", "input_layernorm.weight", config.rmsNormEps(), "n1");
        project(graph, weightsInside, "n1", "self_attn.q_proj.weight", h, a, "qq");
        project(graph, weightsInside, "n1", "self_attn.k_proj.weight", h, kv, "kk");
        project(graph, weightsInside, "n1", "self_attn.v_proj.weight", h, kv, "vv");
        graph.contrib(
                "GroupQueryAttention",
                List.of(
                        "qq",
                        "kk",
                        "vv",
                        "past_key",
                        "past_value",
                        "lengths",
                        "longest",
                        "cos",
                        "sin"),
                List.of("att", "present_key", "present_value"),
                Attribute.of("num_heads", config.heads()),
                Attribute.of("kv_num_heads", config.kvHeads()),
                Attribute.of("do_rotary", 1),
                Attribute.of("rotary_interleaved", 0));
        for (String cache : List.of("present_key", "present_value")) {
            graph.output(cache, "B", config.kvHeads(), "P", config.headDim());
        }
        project(graph, weightsInside, "att", "self_attn.o_proj.weight", a, h, "oo");
        graph.node("Add", List.of("x", "oo"), "x1");
        weight(graph, weightsInside, "post_attention_layernorm.weight", h);
        graph.rmsNorm("x1", "post_attention_layernorm.weight", config.rmsNormEps(), "n2");
        project(graph, weightsInside, "n2", "mlp.gate_proj.weight", h, config.intermediate(), "g");
        project(graph, weightsInside, "n2", "mlp.up_proj.weight", h, config.intermediate(), "u");
        graph.node("Sigmoid", List.of("g"), "sg");
        graph.node("Mul", List.of("g", "sg"), "silu");
        graph.node("Mul", List.of("silu", "u"), "gu");
        project(graph, weightsInside, "gu", "mlp.down_proj.weight", config.intermediate(), h, "d");
        graph.node("Add", List.of("x1", "d"), "y");
        graph.output("y", "B", "S", h);
        return graph.toBytes();
    }

    private static void project(
            OnnxGraph graph,
            boolean inside,
            String input,
            String weight,
            int in,
            int out,
            String output) {
        weight(graph, inside, weight, in, out);
        graph.node("MatMul", List.of(input, weight), output);
    }

    private static void weight(OnnxGraph graph, boolean inside, String name, int... dims) {
        if (inside) {
            graph.external(name, java.util.Arrays.stream(dims).asLongStream().toArray());
        } else {
            graph.floats(name, java.util.Arrays.stream(dims).boxed().toArray());
        }
    }
}
