package io.hfx.d2d.image;

import io.hfx.d2d.image.ImageException.Fault;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * How a blob is cut into chunks, the unit of checking and of transfer: each segment from its start
 * into pieces of {@code chunkBytes}, the last of a segment being shorter where it must. Immutable.
 */
public final class Chunks {
    /** What an image is cut into unless something else is said. */
    public static final int DEFAULT_BYTES = 16 << 20;

    static final int MIN_BYTES = 64 << 10;

    /** Largest chunk. */
    public static final int MAX_BYTES = 64 << 20;

    static final int MAX_COUNT = 1 << 20;

    private final int chunkBytes;
    private final long[] offsets;
    private final int[] lengths;

    private Chunks(int chunkBytes, long[] offsets, int[] lengths) {
        this.chunkBytes = chunkBytes;
        this.offsets = offsets;
        this.lengths = lengths;
    }

    /**
     * Cuts segments into chunks.
     *
     * @param chunkBytes a power of two from 64 KiB to 64 MiB
     * @throws ImageException if there would be more than 1,048,576 chunks
     */
    static Chunks of(List<Integer> segmentBytes, int chunkBytes) {
        if (chunkBytes < MIN_BYTES || chunkBytes > MAX_BYTES || Integer.bitCount(chunkBytes) != 1) {
            throw new ImageException(
                    Fault.UNSUPPORTED,
                    String.format(
                            "a chunk is %d bytes; allowed: a power of two from %d to %d",
                            chunkBytes, MIN_BYTES, MAX_BYTES));
        }
        long count =
                segmentBytes.stream()
                        .mapToLong(bytes -> ((long) bytes + chunkBytes - 1) / chunkBytes)
                        .sum();
        if (count > MAX_COUNT) {
            throw new ImageException(
                    Fault.UNSUPPORTED,
                    "the image has " + count + " chunks; allowed: at most " + MAX_COUNT);
        }
        long[] offsets = new long[(int) count];
        int[] lengths = new int[(int) count];
        int index = 0;
        long segmentStart = 0;
        for (int segment : segmentBytes) {
            for (long at = 0; at < segment; at += chunkBytes) {
                offsets[index] = segmentStart + at;
                lengths[index++] = (int) Math.min(chunkBytes, segment - at);
            }
            segmentStart += segment;
        }
        return new Chunks(chunkBytes, offsets, lengths);
    }

    public int chunkBytes() {
        return chunkBytes;
    }

    public int count() {
        return offsets.length;
    }

    /** First byte of a chunk in the blob. */
    public long offsetBytes(int index) {
        return offsets[index];
    }

    public int lengthBytes(int index) {
        return lengths[index];
    }

    /** The chunks that hold a tensor, at least one. */
    public IntStream of(ImageTensor tensor) {
        long lastByte = Math.max(tensor.offsetBytes(), tensor.endBytes() - 1);
        return IntStream.rangeClosed(at(tensor.offsetBytes()), at(lastByte));
    }

    private int at(long offsetBytes) {
        int found = Arrays.binarySearch(offsets, offsetBytes);
        return found >= 0 ? found : -found - 2;
    }

    /** A chunk's bytes in memory. */
    public ByteBuffer in(ImageMemory memory, int index) {
        return memory.slice(offsets[index], lengths[index]);
    }

    /** CRC32C of what remains of a buffer, whose position stays. */
    public static int crc32c(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    /** Of all chunks, on the common pool. */
    int[] checksums(ImageMemory memory) {
        return IntStream.range(0, count()).parallel().map(i -> crc32c(in(memory, i))).toArray();
    }
}
