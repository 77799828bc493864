package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.hfx.engine.executor.ExecutorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/** Direct buffers in native order and tensors that look at them without a copy. */
final class Tensors {
    private Tensors() {}

    static FloatBuffer newFloats(long count) {
        return newBytes(count, Float.BYTES).asFloatBuffer();
    }

    static IntBuffer newInts(long count) {
        return newBytes(count, Integer.BYTES).asIntBuffer();
    }

    static LongBuffer newLongs(long count) {
        return newBytes(count, Long.BYTES).asLongBuffer();
    }

    static OnnxTensor of(FloatBuffer data, long... shape) {
        return make(shape, () -> OnnxTensor.createTensor(environment(), data, shape));
    }

    static OnnxTensor of(IntBuffer data, long... shape) {
        return make(shape, () -> OnnxTensor.createTensor(environment(), data, shape));
    }

    static OnnxTensor of(LongBuffer data, long... shape) {
        return make(shape, () -> OnnxTensor.createTensor(environment(), data, shape));
    }

    static OrtEnvironment environment() {
        return OrtEnvironment.getEnvironment();
    }

    private static ByteBuffer newBytes(long count, int size) {
        long bytes = Math.multiplyExact(count, size);
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a buffer of " + bytes + " bytes exceeds 2 GiB");
        }
        return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    }

    private static OnnxTensor make(long[] shape, Maker maker) {
        try {
            return maker.make();
        } catch (OrtException e) {
            throw new ExecutorException("making a tensor of shape " + Arrays.toString(shape), e);
        }
    }

    private interface Maker {
        OnnxTensor make() throws OrtException;
    }
}
