package io.hfx.d2d.image;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/** Images of seeded random bytes. */
public final class Samples {
    public static final ImageKey KEY =
            new ImageKey("0123456789abcdef".repeat(4), ElementType.F32, "IN_OUT", 1);
    public static final int CHUNK_BYTES = 64 << 10;

    /** With tensors that are no multiple of anything, an empty one and a scalar. */
    public static final List<TensorShape> SHAPES =
            List.of(
                    shape("embed", ElementType.F32, 257, 129),
                    shape("layers.0.norm", ElementType.F32, 129),
                    shape("layers.0.q", ElementType.F32, 300, 301),
                    shape("layers.0.none", ElementType.F16, 0, 7),
                    shape("layers.0.scale", ElementType.BF16),
                    shape("layers.1.q", ElementType.I8, 1_500_001),
                    shape("head", ElementType.F32, 640, 1023));

    private Samples() {}

    public static TensorShape shape(String name, ElementType type, long... sizes) {
        return new TensorShape(name, type, java.util.Arrays.stream(sizes).boxed().toList());
    }

    /** An image of about 5 MiB in chunks of 64 KiB. */
    public static TensorImage image(long seed) {
        return image(KEY, seed);
    }

    public static TensorImage image(ImageKey key, long seed) {
        return image(key, SHAPES, seed);
    }

    public static TensorImage image(ImageKey key, List<TensorShape> shapes, long seed) {
        return image(key, shapes, CHUNK_BYTES, seed);
    }

    public static TensorImage image(
            ImageKey key, List<TensorShape> shapes, int chunkBytes, long seed) {
        System.out.println("image seed " + seed);
        Random random = new Random(seed);
        return TensorImage.build(
                key,
                shapes,
                chunkBytes,
                BufferMemory::direct,
                (shape, into) -> into.forEach(bytes -> fill(bytes, random)));
    }

    private static void fill(ByteBuffer bytes, Random random) {
        byte[] values = new byte[bytes.remaining()];
        random.nextBytes(values);
        bytes.put(values);
    }
}
