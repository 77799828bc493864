package io.hfx.engine.checkpoint;

import java.nio.ByteBuffer;

/** Element types of stored weights; all of them widen to F32 without loss. */
public enum DType {
    F32(4) {
        @Override
        void toFloats(ByteBuffer littleEndian, float[] out, short[] scratch, int count) {
            littleEndian.asFloatBuffer().get(out, 0, count);
        }
    },
    F16(2) {
        @Override
        void toFloats(ByteBuffer littleEndian, float[] out, short[] scratch, int count) {
            littleEndian.asShortBuffer().get(scratch, 0, count);
            for (int i = 0; i < count; i++) {
                out[i] = halfToFloat(scratch[i]);
            }
        }
    },
    BF16(2) {
        @Override
        void toFloats(ByteBuffer littleEndian, float[] out, short[] scratch, int count) {
            littleEndian.asShortBuffer().get(scratch, 0, count);
            for (int i = 0; i < count; i++) {
                out[i] = Float.intBitsToFloat(scratch[i] << 16);
            }
        }
    };

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Widens the first {@code count} elements of the buffer; {@code scratch} holds as many. */
    abstract void toFloats(ByteBuffer littleEndian, float[] out, short[] scratch, int count);

    /** IEEE 754 binary16 to binary32; the multiplication moves the exponent's bias and is exact. */
    static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int magnitude = (half & 0x7fff) << 13;
        int bits =
                magnitude >= 0x7c00 << 13
                        ? magnitude | 0x7f800000
                        : Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) * 0x1p112f);
        return Float.intBitsToFloat(sign | bits);
    }
}
