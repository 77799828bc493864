package io.hfx.d2d.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.device.Offer;
import io.hfx.d2d.image.ImageException.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images in memory of the native library. */
class HostImageMemoryTest {
    private static final long SEED = 11;

    private final Device host = Device.host();

    @TempDir Path folder;

    @BeforeEach
    void needsTheLibrary() {
        assumeTrue(host.shares(), "no native library");
    }

    @AfterEach
    void close() {
        host.close();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Test
    void anImageIsAttachedAndOfferedOnWithoutACopy() {
        TensorImage heap = Samples.image(SEED);
        ImageMemory.Allocator shareable = HostImageMemory.allocator(host, true);
        HostImageMemory memory =
                (HostImageMemory) shareable.allocate(heap.manifest().layout().segmentBytes());
        for (int i = 0; i < heap.manifest().chunks().count(); i++) {
            heap.manifest().chunks().in(memory, i).put(heap.chunk(i));
        }
        byte[] label = heap.manifest().hash().getBytes(StandardCharsets.UTF_8);
        Path first = folder.resolve("a");
        Path second = folder.resolve("b");
        try (TensorImage image = new TensorImage(heap.manifest(), memory);
                Offer offer = memory.offer(first, label);
                DeviceMemory attached = host.attach(offer.socket(), Duration.ofSeconds(5));
                Offer again = new HostImageMemory(attached).offer(second, label);
                DeviceMemory third = host.attach(again.socket(), Duration.ofSeconds(5))) {
            assertArrayEquals(label, third.label());
            TensorImage copy = new TensorImage(image.manifest(), new HostImageMemory(third));
            copy.verify("copy");
            for (ImageTensor tensor : copy.manifest().layout().tensors()) {
                assertArrayEquals(
                        bytes(heap.tensor(tensor.name())), bytes(copy.tensor(tensor.name())));
            }
            assertTrue(copy.chunk(0).isReadOnly());
        }
    }

    @Test
    void aViewLiesInsideAndTooMuchIsSaid() {
        ImageMemory.Allocator plain = HostImageMemory.allocator(host, false);
        try (ImageMemory memory = plain.allocate(List.of(4 << 20, 2 << 20))) {
            assertEquals(6 << 20, memory.bytes());
            assertEquals(10, memory.slice((4 << 20) - 5, 10).remaining());
            assertThrows(IndexOutOfBoundsException.class, () -> memory.slice((6 << 20) - 1, 2));
        }
        List<Integer> tooMuch = Collections.nCopies(8_000, 1 << 30);
        ImageException e = assertThrows(ImageException.class, () -> plain.allocate(tooMuch));
        assertEquals(Fault.NO_MEMORY, e.fault());
    }
}
