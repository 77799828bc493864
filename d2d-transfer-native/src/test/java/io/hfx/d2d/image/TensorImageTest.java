package io.hfx.d2d.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.ImageException.Fault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TensorImageTest {
    private static final long SEED = 7;

    private static Fault fault(Runnable action) {
        ImageException refusal = assertThrows(ImageException.class, action::run);
        System.out.println(refusal.getMessage());
        return refusal.fault();
    }

    @Test
    void holdsWhatTheSourceGaveInBlobOrder() {
        TensorImage image = Samples.image(SEED);
        Random random = new Random(SEED);
        long at = 0;
        for (ImageTensor tensor : image.manifest().layout().tensors()) {
            byte[] expected = new byte[(int) tensor.lengthBytes()];
            random.nextBytes(expected);
            ByteBuffer found = image.tensor(tensor.name());
            assertEquals(ByteBuffer.wrap(expected), found, tensor.name());
            assertEquals(ByteOrder.LITTLE_ENDIAN, found.order());
            assertTrue(found.isReadOnly());
            assertTrue(tensor.offsetBytes() >= at);
            assertEquals(0, tensor.offsetBytes() % ImageLayout.ALIGN_BYTES);
            at = tensor.endBytes();
        }
        assertEquals(0, image.manifest().layout().blobBytes() % ImageLayout.BLOB_ALIGN_BYTES);
        assertEquals(0, image.chunk(0).alignmentOffset(0, ImageLayout.BLOB_ALIGN_BYTES));
        image.verify("the image");
        image.close();
        assertThrows(IllegalStateException.class, () -> image.tensor("embed"));
    }

    @Test
    void aTensorLiesInTheChunksThatItOverlaps() {
        TensorImage image = Samples.image(SEED);
        Chunks chunks = image.manifest().chunks();
        for (ImageTensor tensor : image.manifest().layout().tensors()) {
            List<Integer> found = image.chunks(tensor.name()).boxed().toList();
            List<Integer> overlapped =
                    IntStream.range(0, chunks.count())
                            .filter(i -> chunks.offsetBytes(i) < tensor.endBytes())
                            .filter(
                                    i ->
                                            chunks.offsetBytes(i) + chunks.lengthBytes(i)
                                                    > tensor.offsetBytes())
                            .boxed()
                            .toList();
            if (tensor.lengthBytes() == 0) {
                assertEquals(1, found.size(), tensor.name());
            } else {
                assertEquals(overlapped, found, tensor.name());
            }
        }
    }

    @Test
    void paddingIsZeroWhateverTheMemoryHeld() {
        ImageMemory.Allocator dirty =
                segments -> {
                    ImageMemory memory = BufferMemory.direct(segments);
                    ByteBuffer all = memory.slice(0, (int) memory.bytes());
                    while (all.hasRemaining()) {
                        all.put((byte) 0x5a);
                    }
                    return memory;
                };
        TensorImage.Source zeros =
                (shape, into) -> into.forEach(bytes -> bytes.put(new byte[bytes.remaining()]));
        TensorImage image = TensorImage.build(Samples.KEY, Samples.SHAPES, dirty, zeros);
        TensorImage clean =
                TensorImage.build(Samples.KEY, Samples.SHAPES, BufferMemory::direct, zeros);
        assertEquals(clean.manifest().hash(), image.manifest().hash());
    }

    @Test
    void tensorsCrossNoSegmentUnlessTheyBeginOne() {
        int mib = 1 << 20;
        ImageLayout.Placing placing = new ImageLayout.Placing(4 * mib);
        placing.place(Samples.shape("a", ElementType.U8, 3L * mib));
        placing.place(Samples.shape("b", ElementType.U8, 2L * mib));
        placing.place(Samples.shape("large", ElementType.U8, 9L * mib));
        placing.place(Samples.shape("c", ElementType.U8, 5));
        ImageLayout layout = placing.end();
        assertEquals(
                List.of(0L, 4L * mib, 6L * mib, 16L * mib),
                layout.tensors().stream().map(ImageTensor::offsetBytes).toList());
        assertEquals(
                List.of(4 * mib, 2 * mib, 4 * mib, 4 * mib, 2 * mib, 2 * mib),
                layout.segmentBytes());
        ImageMemory memory = BufferMemory.direct(layout.segmentBytes());
        List<ByteBuffer> pieces = layout.pieces(memory, layout.tensors().get(2));
        assertEquals(
                List.of(4 * mib, 4 * mib, mib),
                pieces.stream().map(ByteBuffer::remaining).toList());
        assertThrows(IndexOutOfBoundsException.class, () -> memory.slice(4L * mib - 1, 2));

        Chunks chunks = Chunks.of(layout.segmentBytes(), 4 * mib);
        assertEquals(6, chunks.count());
        assertEquals(2 * mib, chunks.lengthBytes(1));
        assertEquals(6L * mib, chunks.offsetBytes(2));
        int[] checksums = chunks.checksums(memory);
        ImageManifest manifest = ImageManifest.of(Samples.KEY, layout, chunks, checksums);
        ImageManifest read = ImageManifest.parse("again", manifest.encoded());
        assertEquals(layout, read.layout());
    }

    @Test
    void aManifestReadAgainIsTheSame() {
        ImageManifest manifest = Samples.image(SEED).manifest();
        ImageManifest read = ImageManifest.parse("again", manifest.encoded());
        assertEquals(manifest.key(), read.key());
        assertEquals(manifest.layout(), read.layout());
        assertEquals(manifest.hash(), read.hash());
        assertEquals(manifest.chunks().count(), read.chunks().count());
        for (int i = 0; i < read.chunks().count(); i++) {
            assertEquals(manifest.checksum(i), read.checksum(i));
        }
        assertArrayEquals(manifest.encoded(), read.encoded());
    }

    @Test
    void aSourceThatFailsOrGivesTooLittleLetsTheMemoryGo() {
        boolean[] closed = new boolean[1];
        ImageMemory.Allocator watched =
                segments -> {
                    ImageMemory memory = BufferMemory.direct(segments);
                    return new ImageMemory() {
                        @Override
                        public long bytes() {
                            return memory.bytes();
                        }

                        @Override
                        public ByteBuffer slice(long offsetBytes, int lengthBytes) {
                            return memory.slice(offsetBytes, lengthBytes);
                        }

                        @Override
                        public void close() {
                            closed[0] = true;
                        }
                    };
                };
        assertThrows(
                IllegalStateException.class,
                () -> TensorImage.build(Samples.KEY, Samples.SHAPES, watched, (s, into) -> {}));
        assertTrue(closed[0]);
    }

    @Test
    void keysThatDifferNameTheField() {
        String other = "f".repeat(64);
        ImageKey key = Samples.KEY;
        assertEquals(
                Fault.WRONG_MODEL,
                fault(
                        () ->
                                key.requireSame(
                                        "x", new ImageKey(other, key.dtype(), key.layout(), 1))));
        assertEquals(
                Fault.WRONG_DTYPE,
                fault(
                        () ->
                                key.requireSame(
                                        "x",
                                        new ImageKey(
                                                key.modelHash(),
                                                ElementType.BF16,
                                                key.layout(),
                                                1))));
        assertEquals(
                Fault.WRONG_LAYOUT,
                fault(
                        () ->
                                key.requireSame(
                                        "x",
                                        new ImageKey(
                                                key.modelHash(), key.dtype(), key.layout(), 2))));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ImageKey("A".repeat(64), key.dtype(), "x", 1));
        assertThrows(
                IllegalArgumentException.class, () -> new ImageKey(other, key.dtype(), "x y", 1));
    }

    @Test
    void badShapesAreRefused() {
        TensorShape small = Samples.shape("a", ElementType.U8, 1);
        assertEquals(Fault.UNSUPPORTED, fault(() -> ImageLayout.of(List.of())));
        assertEquals(Fault.UNSUPPORTED, fault(() -> ImageLayout.of(List.of(small, small))));
        assertEquals(
                Fault.UNSUPPORTED,
                fault(() -> ImageLayout.of(List.of(Samples.shape("b", ElementType.U8, 1L << 45)))));
        assertEquals(
                Fault.UNSUPPORTED,
                fault(
                        () ->
                                ImageLayout.of(
                                        List.of(
                                                Samples.shape(
                                                        "b",
                                                        ElementType.F32,
                                                        1L << 40,
                                                        1L << 40)))));
        assertEquals(
                Fault.UNSUPPORTED,
                fault(() -> Chunks.of(Collections.nCopies(20_000, 1 << 30), 64 << 10)));
        assertEquals(Fault.UNSUPPORTED, fault(() -> Chunks.of(List.of(2 << 20), 100_000)));
        for (String name : List.of("", "__metadata__", "hfx.pad.0", "x".repeat(513))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Samples.shape(name, ElementType.U8, 1),
                    name);
        }
    }
}
