package io.hfx.benchmarks.djl;

import io.hfx.engine.ort.OnnxGraph;
import io.hfx.harness.DjlSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Deadlines on a model that computes. */
@Command(
        name = "onnx",
        description = "Three classes on an ONNX model of some milliseconds on one thread.",
        mixinStandardHelpOptions = true)
final class OnnxCommand extends OpenPart {
    private static final int WIDTH = 512;
    private static final int ROWS = 256;
    private static final int FEATURES = 8;

    /** ONNX's number for it. */
    private static final OnnxGraph.Attribute TO_FLOAT = OnnxGraph.Attribute.of("to", 1);

    @Option(
            names = "--layers",
            defaultValue = "4",
            description =
                    "Of the model, each 67 million multiplications (default ${DEFAULT-VALUE}).")
    private int layers;

    @Override
    Subject subject() {
        return new Subject(
                "an ONNX model of "
                        + layers
                        + " dense layers, 256 rows of width 512, one worker of one thread,"
                        + " batch size 1",
                this::model,
                "dense",
                "[[1,2,3,4,5,6,7,8]]",
                List.of(1.3),
                8);
    }

    private void model(DjlSetup setup) throws IOException {
        Path folder =
                setup.model(
                        "dense",
                        "OnnxRuntime",
                        "minWorkers=1",
                        "maxWorkers=1",
                        "option.intraOpNumThreads=1",
                        "option.interOpNumThreads=1");
        Files.write(folder.resolve("dense.onnx"), graph(layers));
    }

    /** Spreads one row to many, which all take part in every layer, and answers the first. */
    private static byte[] graph(int layers) {
        SplittableRandom random = new SplittableRandom(1);
        OnnxGraph graph =
                new OnnxGraph("dense")
                        .floats("x", "batch", FEATURES)
                        .constant("scale", 10_000)
                        .node("Cast", List.of("scale"), "scale_f", TO_FLOAT)
                        .constant("rows", ROWS, WIDTH)
                        .constant("first", 0);
        weights(graph, "w", random, FEATURES);
        graph.node("MatMul", List.of("x", "w"), "row").node("Expand", List.of("row", "rows"), "h0");
        for (int i = 0; i < layers; i++) {
            weights(graph, "w" + i, random, WIDTH);
            graph.node("MatMul", List.of("h" + i, "w" + i), "m" + i)
                    .node("Tanh", List.of("m" + i), "h" + (i + 1));
        }
        return graph.node("Gather", List.of("h" + layers, "first"), "y")
                .output("y", "batch", WIDTH)
                .toBytes();
    }

    /**
     * From -0.1 to 0.1, as integers and a scale: the runtime folds them when it loads the model.
     */
    private static void weights(OnnxGraph graph, String name, SplittableRandom random, int rows) {
        graph.constant(name + "_i", random.longs(rows * (long) WIDTH, -1_000, 1_001).toArray())
                .constant(name + "_dims", rows, WIDTH)
                .node("Cast", List.of(name + "_i"), name + "_f", TO_FLOAT)
                .node("Div", List.of(name + "_f", "scale_f"), name + "_s")
                .node("Reshape", List.of(name + "_s", name + "_dims"), name);
    }
}
