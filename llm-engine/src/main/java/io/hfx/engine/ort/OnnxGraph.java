package io.hfx.engine.ort;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Builds one ONNX model (IR 8, opset 17 and Microsoft's contrib operators). Dimensions are given as
 * {@code Number} when fixed and as {@code String} when they vary from run to run. Not thread-safe.
 */
public final class OnnxGraph {
    private static final String CONTRIB = "com.microsoft";
    private final GraphProto.Builder graph;

    public OnnxGraph(String name) {
        graph = GraphProto.newBuilder().setName(name);
    }

    public OnnxGraph floats(String name, Object... dims) {
        return input(name, TensorProto.DataType.FLOAT, dims);
    }

    public OnnxGraph longs(String name, Object... dims) {
        return input(name, TensorProto.DataType.INT64, dims);
    }

    public OnnxGraph ints(String name, Object... dims) {
        return input(name, TensorProto.DataType.INT32, dims);
    }

    /** Declares a float output. */
    public OnnxGraph output(String name, Object... dims) {
        graph.addOutput(value(name, TensorProto.DataType.FLOAT, dims));
        return this;
    }

    /** Declares a float initializer whose bytes the session is given from memory. */
    public OnnxGraph external(String name, long... dims) {
        long bytes = Float.BYTES;
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name);
        for (long dim : dims) {
            tensor.addDims(dim);
            bytes *= dim;
        }
        tensor.setDataType(TensorProto.DataType.FLOAT.getNumber())
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "memory"))
                .addExternalData(entry("offset", "0"))
                .addExternalData(entry("length", Long.toString(bytes)));
        graph.addInitializer(tensor);
        return this;
    }

    /** Adds a constant int64 vector. */
    public OnnxGraph constant(String name, long... values) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        graph.addInitializer(
                TensorProto.newBuilder()
                        .setName(name)
                        .addDims(values.length)
                        .setDataType(TensorProto.DataType.INT64.getNumber())
                        .setRawData(ByteString.copyFrom(raw)));
        return this;
    }

    /** Adds a node with one result and integer attributes. */
    public OnnxGraph node(String type, List<String> inputs, String output, Attribute... attrs) {
        return add("", type, inputs, List.of(output), attrs);
    }

    /** Adds a node of the contrib domain. */
    public OnnxGraph contrib(
            String type, List<String> inputs, List<String> outputs, Attribute... attrs) {
        return add(CONTRIB, type, inputs, outputs, attrs);
    }

    /** Root-mean-square norm over the last dimension. */
    public OnnxGraph rmsNorm(String input, String weight, double epsilon, String output) {
        return node(
                "SimplifiedLayerNormalization",
                List.of(input, weight),
                output,
                Attribute.of("axis", -1),
                Attribute.of("epsilon", (float) epsilon),
                Attribute.of("stash_type", 1));
    }

    /** The serialised model. */
    public byte[] toBytes() {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .setProducerName("hfx")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(CONTRIB).setVersion(1))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    private OnnxGraph input(String name, TensorProto.DataType type, Object... dims) {
        graph.addInput(value(name, type, dims));
        return this;
    }

    private OnnxGraph add(
            String domain,
            String type,
            List<String> inputs,
            List<String> outputs,
            Attribute... attrs) {
        NodeProto.Builder node =
                NodeProto.newBuilder()
                        .setDomain(domain)
                        .setOpType(type)
                        .setName(outputs.get(0))
                        .addAllInput(inputs)
                        .addAllOutput(outputs);
        for (Attribute attr : attrs) {
            node.addAttribute(attr.proto());
        }
        graph.addNode(node);
        return this;
    }

    private static ValueInfoProto value(String name, TensorProto.DataType type, Object... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dim : dims) {
            if (dim instanceof Number size) {
                shape.addDimBuilder().setDimValue(size.longValue());
            } else {
                shape.addDimBuilder().setDimParam(dim.toString());
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(
                        TypeProto.newBuilder()
                                .setTensorType(
                                        TypeProto.Tensor.newBuilder()
                                                .setElemType(type.getNumber())
                                                .setShape(shape)))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    /** One attribute of a node. */
    public record Attribute(AttributeProto proto) {
        public static Attribute of(String name, long value) {
            return new Attribute(
                    AttributeProto.newBuilder()
                            .setName(name)
                            .setType(AttributeProto.AttributeType.INT)
                            .setI(value)
                            .build());
        }

        public static Attribute of(String name, float value) {
            return new Attribute(
                    AttributeProto.newBuilder()
                            .setName(name)
                            .setType(AttributeProto.AttributeType.FLOAT)
                            .setF(value)
                            .build());
        }
    }
}
