package io.hfx.d2d.device;

import static io.hfx.d2d.device.HostContract.assertCode;
import static io.hfx.d2d.device.HostContract.copy;
import static io.hfx.d2d.device.HostContract.random;
import static io.hfx.d2d.device.HostContract.read;
import static io.hfx.d2d.device.HostContract.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.d2d.device.DeviceException.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The GPU and NPU backends over doubles of their drivers; real devices are not needed here. */
class DriverDoubleTest {
    private static final int BYTES = (2 << 20) + 12_345;
    private static final CopyJob.Options CHUNKS = new CopyJob.Options(64 << 10, 3);

    @BeforeEach
    void needsTheLibrary() {
        assumeTrue(
                NativeLibrary.loaded(),
                () -> "no native library: " + NativeLibrary.missing().orElse(""));
        Doubles.use();
    }

    @AfterEach
    void nothingIsLeft() {
        Doubles.forget();
        assertTrue(
                Eventually.holds(
                        () -> {
                            System.gc();
                            return DeviceCounts.now().handles() == 0;
                        }));
        assertEquals(0, DeviceCounts.now().streams());
        assertEquals(0, DeviceCounts.now().failedReleases());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HOST")
    void bytesGoThroughTwoDevicesAndBack(Device.Kind kind) throws InterruptedException {
        assertEquals(2, Device.count(kind));
        byte[] data = random(5, BYTES);
        try (Device host = Device.host();
                Device zero = Device.open(kind, 0);
                Device one = Device.open(kind, 1);
                DeviceMemory source = host.allocate(BYTES);
                DeviceMemory a = zero.allocate(BYTES);
                DeviceMemory b = zero.allocate(BYTES);
                DeviceMemory c = one.allocate(BYTES);
                DeviceMemory target = host.allocate(BYTES)) {
            assertEquals(kind, one.kind());
            assertEquals(1, one.ordinal());
            write(source.all(), data);
            copy(source.all(), a.all(), CHUNKS);
            copy(a.all(), b.all(), CHUNKS);
            copy(b.all(), c.all(), CHUNKS);
            copy(c.all(), target.all(), CHUNKS);
            assertArrayEquals(data, read(target.all()));
            assertCode(Code.UNSUPPORTED, () -> a.view(0, 1));
            assertCode(Code.NO_MEMORY, () -> zero.allocate(1L << 30));
            assertCode(Code.UNAVAILABLE, () -> Device.open(kind, 2));
            a.seal();
            assertCode(Code.INVALID, () -> CopyJob.start(source.all(), a.all()));
        }
    }

    @Test
    void aGpuAndAnNpuMeetThroughTheHostOnly() {
        try (Device gpu = Device.open(Device.Kind.CUDA, 0);
                Device npu = Device.open(Device.Kind.ASCEND, 0);
                DeviceMemory from = gpu.allocate(BYTES);
                DeviceMemory to = npu.allocate(BYTES)) {
            assertCode(Code.UNSUPPORTED, () -> CopyJob.start(from.all(), to.all()));
        }
    }

    @Test
    void aDriverThatIsNotThereIsNamed() {
        System.setProperty("hfx.d2d.cuda.library", "libno-such-driver.so");
        DeviceException e = assertCode(Code.UNAVAILABLE, () -> Device.open(Device.Kind.CUDA, 0));
        assertTrue(e.getMessage().contains("libno-such-driver.so"), e.getMessage());
        assertCode(Code.UNAVAILABLE, () -> Device.count(Device.Kind.CUDA));
    }
}
