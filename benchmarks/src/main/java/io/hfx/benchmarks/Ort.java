package io.hfx.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.SplittableRandom;

/** Small helpers for raw graphs: one-thread sessions and tensors over direct buffers. */
final class Ort {
    static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

    private Ort() {}

    /** A one-thread session; {@code weights} become its prepacked initializers. */
    static OrtSession session(byte[] graph, Map<String, OnnxTensor> weights) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            if (!weights.isEmpty()) {
                options.addExternalInitializers(Map.<String, OnnxTensorLike>copyOf(weights));
            }
            return ENVIRONMENT.createSession(graph, options);
        }
    }

    static FloatBuffer buffer(long floats) {
        return ByteBuffer.allocateDirect(Math.toIntExact(floats * Float.BYTES))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    static OnnxTensor floats(FloatBuffer data, long... shape) throws OrtException {
        return OnnxTensor.createTensor(ENVIRONMENT, data, shape);
    }

    /** A tensor over part of a buffer, counted in floats. */
    static OnnxTensor slice(FloatBuffer data, long from, long... shape) throws OrtException {
        int size = 1;
        for (long dim : shape) {
            size = Math.toIntExact(size * dim);
        }
        return floats(data.slice(Math.toIntExact(from), size), shape);
    }

    /** Uniform numbers of the given scale. */
    static OnnxTensor random(long seed, double scale, long... shape) throws OrtException {
        long size = 1;
        for (long dim : shape) {
            size *= dim;
        }
        FloatBuffer data = buffer(size);
        SplittableRandom random = new SplittableRandom(seed);
        while (data.hasRemaining()) {
            data.put((float) ((random.nextDouble() * 2 - 1) * scale));
        }
        return floats(data.flip(), shape);
    }

    static OnnxTensor ints(int[] values, long... shape) throws OrtException {
        IntBuffer data =
                ByteBuffer.allocateDirect(values.length * Integer.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asIntBuffer();
        return OnnxTensor.createTensor(ENVIRONMENT, data.put(values).flip(), shape);
    }

    static OnnxTensor longs(long... values) throws OrtException {
        LongBuffer data =
                ByteBuffer.allocateDirect(values.length * Long.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asLongBuffer();
        return OnnxTensor.createTensor(
                ENVIRONMENT, data.put(values).flip(), new long[] {values.length});
    }
}
