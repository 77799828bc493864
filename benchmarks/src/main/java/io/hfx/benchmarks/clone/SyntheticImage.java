package io.hfx.benchmarks.clone;

import io.hfx.d2d.image.ElementType;
import io.hfx.d2d.image.ImageKey;
import io.hfx.d2d.image.ImageMemory;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.image.TensorShape;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** An image of random bytes in tensors of 4 MiB. */
final class SyntheticImage {
    static final ImageKey KEY = new ImageKey("c10e".repeat(16), ElementType.F32, "SYNTHETIC", 1);

    private static final int TENSOR_MIB = 4;
    private static final long SEED = 1;

    private SyntheticImage() {}

    /** What it takes: it has no padding. */
    static long bytes(int mib) {
        return (long) mib << 20;
    }

    /**
     * Fills memory with it.
     *
     * @param mib a multiple of 4
     */
    static TensorImage build(int mib, ImageMemory.Allocator allocator) {
        List<TensorShape> shapes =
                IntStream.range(0, mib / TENSOR_MIB)
                        .mapToObj(
                                i ->
                                        new TensorShape(
                                                "layers." + i,
                                                ElementType.F32,
                                                List.of(1024L, 256L * TENSOR_MIB)))
                        .toList();
        SplittableRandom random = new SplittableRandom(SEED);
        return TensorImage.build(
                KEY, shapes, allocator, (shape, into) -> into.forEach(b -> fill(b, random)));
    }

    private static void fill(ByteBuffer bytes, SplittableRandom random) {
        LongBuffer longs = bytes.asLongBuffer();
        while (longs.hasRemaining()) {
            longs.put(random.nextLong());
        }
        bytes.position(bytes.limit());
    }
}
