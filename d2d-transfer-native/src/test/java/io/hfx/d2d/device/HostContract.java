package io.hfx.d2d.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.device.DeviceException.Code;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What host memory does, whichever way it is reached. */
abstract class HostContract {
    private static final int BYTES = (5 << 20) + 4099;
    private static final Duration LONG = Duration.ofSeconds(60);

    abstract Device open();

    static byte[] random(long seed, int bytes) {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        return data;
    }

    static void write(Region region, byte[] data) {
        region.view().put(data);
    }

    static byte[] read(Region region) {
        byte[] data = new byte[(int) region.bytes()];
        region.view().get(data);
        return data;
    }

    static void copy(Region from, Region to, CopyJob.Options options) throws InterruptedException {
        try (CopyJob job = CopyJob.start(from, to, options)) {
            assertTrue(job.await(LONG));
            assertEquals(from.bytes(), job.doneBytes());
            assertEquals(from.bytes(), job.totalBytes());
        }
    }

    @Test
    void aCopyHasTheSameBytes() throws InterruptedException {
        try (Device host = open();
                DeviceMemory from = host.allocate(BYTES)) {
            byte[] data = random(1, BYTES);
            write(from.all(), data);
            for (int lanes : new int[] {1, 2, 16}) {
                try (DeviceMemory to = host.allocate(BYTES)) {
                    assertArrayEquals(new byte[BYTES], read(to.all()));
                    copy(from.all(), to.all(), new CopyJob.Options(64 << 10, lanes));
                    assertArrayEquals(data, read(to.all()));
                }
            }
        }
    }

    @Test
    void aCopyOfARangeLeavesItsNeighboursAlone() throws InterruptedException {
        try (Device host = open();
                DeviceMemory from = host.allocate(BYTES);
                DeviceMemory to = host.allocate(BYTES)) {
            write(from.all(), random(2, BYTES));
            copy(from.region(7, 100_001), to.region(11, 100_001), new CopyJob.Options(4096, 3));
            byte[] expected = new byte[BYTES];
            from.view(7, 100_001).get(expected, 11, 100_001);
            assertArrayEquals(expected, read(to.all()));
            copy(from.region(0, 0), to.region(BYTES, 0), CopyJob.Options.DEFAULT);
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        try (Device host = open();
                DeviceMemory memory = host.allocate(BYTES);
                DeviceMemory other = host.allocate(BYTES)) {
            assertCode(Code.INVALID, () -> host.allocate(0));
            assertCode(Code.INVALID, () -> memory.view(1, BYTES));
            assertCode(Code.INVALID, () -> memory.view(-1, 1));
            assertThrows(IllegalArgumentException.class, () -> memory.region(1, BYTES));
            assertThrows(IllegalArgumentException.class, () -> new CopyJob.Options(4095, 1));
            assertThrows(IllegalArgumentException.class, () -> new CopyJob.Options(4096, 17));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> CopyJob.start(memory.region(0, 5), other.region(0, 6)));
            assertCode(
                    Code.INVALID,
                    () -> CopyJob.start(memory.region(0, 4096), memory.region(4095, 4096)));
            assertEquals(0, memory.label().length);
        }
    }

    @Test
    void aClosedThingIsRefused() throws InterruptedException {
        Device host = open();
        DeviceMemory memory = host.allocate(BYTES);
        DeviceMemory other = host.allocate(BYTES);
        Region from = memory.all();
        CopyJob job = CopyJob.start(from, other.all());
        assertTrue(job.await(LONG));
        job.close();
        job.close();
        memory.close();
        memory.close();
        assertThrows(IllegalStateException.class, job::doneBytes);
        assertThrows(IllegalStateException.class, job::cancel);
        assertThrows(IllegalStateException.class, () -> job.await(LONG));
        assertThrows(IllegalStateException.class, memory::bytes);
        assertThrows(IllegalStateException.class, memory::readOnly);
        assertThrows(IllegalStateException.class, memory::seal);
        assertThrows(IllegalStateException.class, memory::label);
        assertThrows(IllegalStateException.class, () -> memory.view(0, 1));
        assertThrows(IllegalStateException.class, () -> CopyJob.start(from, other.all()));
        assertThrows(IllegalStateException.class, () -> CopyJob.start(other.all(), from));
        host.close();
        other.close();
    }

    @Test
    void aViewOutlivesItsMemory() {
        Device host = open();
        DeviceMemory memory = host.allocate(BYTES);
        byte[] data = random(3, BYTES);
        write(memory.all(), data);
        ByteBuffer slice = memory.view(0, BYTES).slice(100, 5000);
        memory.close();
        host.close();
        System.gc();
        for (int i = 0; i < slice.capacity(); i++) {
            assertEquals(data[100 + i], slice.get(i));
        }
        assertTrue(slice.isDirect());
    }

    @Test
    void aCancelledCopySaysSo() throws InterruptedException {
        try (Device host = open();
                DeviceMemory from = host.allocate(BYTES);
                DeviceMemory to = host.allocate(BYTES);
                CopyJob job = CopyJob.start(from.all(), to.all(), new CopyJob.Options(4096, 2))) {
            job.cancel();
            try {
                assertTrue(job.await(LONG));
                assertEquals(BYTES, job.doneBytes()); // it was faster
            } catch (DeviceException e) {
                assertEquals(Code.CANCELLED, e.code());
                assertTrue(job.doneBytes() < BYTES);
            }
        }
    }

    @Test
    void aWaitingThreadCanBeInterrupted() {
        try (Device host = open();
                DeviceMemory from = host.allocate(BYTES);
                DeviceMemory to = host.allocate(BYTES);
                CopyJob job = CopyJob.start(from.all(), to.all(), new CopyJob.Options(4096, 1))) {
            Thread.currentThread().interrupt();
            try {
                job.await(LONG);
            } catch (InterruptedException e) {
                assertFalse(Thread.currentThread().isInterrupted());
            }
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void anArenaIsUsedAgain() {
        try (Device host = open();
                Arena arena = Arena.of(host, BYTES)) {
            Region first = arena.take(1000, 1);
            Region second = arena.take(1000, 4096);
            assertEquals(0, first.offset());
            assertEquals(4096, second.offset());
            assertEquals(BYTES - 5096, arena.freeBytes());
            assertCode(Code.NO_MEMORY, () -> arena.take(BYTES, 1));
            assertThrows(IllegalArgumentException.class, () -> arena.take(1, 3));
            write(first, random(4, 1000));
            arena.reset();
            Region all = arena.take(BYTES, 2 << 20);
            assertEquals(0, all.offset());
            assertEquals(arena.memory(), all.memory());
            assertArrayEquals(random(4, 1000), read(first));
        }
    }

    @Test
    void aViewLiesInTheMemory() {
        long segment = DeviceMemory.SEGMENT_BYTES;
        DeviceMemory.checkView(3 * segment, 1, (int) segment);
        DeviceMemory.checkView(3 * segment, 3 * segment, 0);
        assertCode(Code.INVALID, () -> DeviceMemory.checkView(3 * segment, -1, 1));
        assertCode(Code.INVALID, () -> DeviceMemory.checkView(3 * segment, 0, -1));
        assertCode(Code.INVALID, () -> DeviceMemory.checkView(3 * segment, 3 * segment, 1));
    }

    @Test
    void aViewThroughJavaLiesInOneSegment() {
        long segment = DeviceMemory.SEGMENT_BYTES;
        JavaMemory.checkSegment(segment, (int) segment);
        JavaMemory.checkSegment(3 * segment, 0);
        assertCode(Code.INVALID, () -> JavaMemory.checkSegment(1, (int) segment));
        assertCode(Code.INVALID, () -> JavaMemory.checkSegment(segment - 1, 2));
    }

    static DeviceException assertCode(Code code, Runnable body) {
        DeviceException e = assertThrows(DeviceException.class, body::run);
        assertEquals(code, e.code(), e.getMessage());
        return e;
    }

    static void assertReadOnly(DeviceMemory memory, DeviceMemory other) {
        assertTrue(memory.readOnly());
        assertThrows(ReadOnlyBufferException.class, () -> memory.view(0, 1).put((byte) 1));
        assertCode(Code.INVALID, () -> CopyJob.start(other.region(0, 1), memory.region(0, 1)));
    }
}
