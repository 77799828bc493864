package io.hfx.d2d.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.d2d.device.DeviceException.Code;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeHostTest extends HostContract {
    @TempDir Path folder;

    @Override
    Device open() {
        return NativeDevice.open(Device.Kind.HOST, 0);
    }

    @BeforeEach
    void needsTheLibrary() {
        assumeTrue(
                NativeLibrary.loaded(),
                () -> "no native library: " + NativeLibrary.missing().orElse(""));
    }

    /** Views are let go by the collector, so it has to be asked. */
    @AfterEach
    void nothingIsLeft() {
        assertTrue(
                Eventually.holds(
                        () -> {
                            System.gc();
                            return DeviceCounts.now()
                                    .equals(new DeviceCounts(0, 0, 0, 0, 0, 0, 0, 0, 0));
                        }),
                () -> DeviceCounts.now().toString());
    }

    @Test
    void theHostIsTheLibrarys() {
        try (Device host = Device.host();
                Device again = Device.open(Device.Kind.HOST, 0)) {
            assertTrue(host instanceof NativeDevice && again instanceof NativeDevice);
            assertEquals(1, Device.count(Device.Kind.HOST));
            assertCode(Code.INVALID, () -> Device.open(Device.Kind.HOST, 1));
            // More than any address space; the reason is the system's.
            assertEquals(
                    12, assertCode(Code.NO_MEMORY, () -> host.allocate(1L << 46)).nativeCode());
        }
    }

    @Test
    @SuppressWarnings("resource")
    void whatNobodyClosesIsReclaimed() {
        List<DeviceMemory> kept = new ArrayList<>();
        List<DeviceMemory> targets = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            kept.add(open().allocateShareable(100_000));
            targets.add(open().allocate(100_000));
            CopyJob.start(kept.get(i).all(), targets.get(i).all());
            kept.get(i).offer(folder.resolve("offer" + i), new byte[0]);
        }
        assertTrue(DeviceCounts.now().memories() >= 8);
        kept.clear();
        targets.clear();
        // nothingIsLeft looks at the rest.
    }

    @Test
    void theLastViewFreesTheMemory() {
        Device host = open();
        DeviceMemory memory = host.allocate(100_000);
        ByteBuffer view = memory.view(10, 100);
        memory.close();
        host.close();
        assertEquals(1, DeviceCounts.now().memories());
        view.put(0, (byte) 1);
    }

    @Test
    void sealedMemoryIsReadOnly() {
        try (Device host = open();
                DeviceMemory memory = host.allocateShareable(5000);
                DeviceMemory plain = host.allocate(5000)) {
            ByteBuffer before = memory.view(0, 5000);
            memory.seal();
            memory.seal();
            assertReadOnly(memory, plain);
            before.put(0, (byte) 7); // this mapping stays writable, so that nothing crashes
            assertEquals(7, memory.view(0, 1).get(0));
            assertCode(Code.INVALID, plain::seal);
            assertCode(
                    Code.INVALID,
                    () ->
                            memory.offer(
                                    folder.resolve("x"),
                                    new byte[DeviceMemory.MAX_LABEL_BYTES + 1]));
            assertCode(Code.IO, () -> memory.offer(folder.resolve("no/such"), new byte[0]));
        }
    }
}
