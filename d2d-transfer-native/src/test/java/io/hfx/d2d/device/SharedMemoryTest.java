package io.hfx.d2d.device;

import static io.hfx.d2d.device.HostContract.assertCode;
import static io.hfx.d2d.device.HostContract.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.d2d.device.DeviceException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two JVMs and one memory: the host's for real, the devices' over the drivers' doubles. */
class SharedMemoryTest {
    private static final int BYTES = (3 << 20) + 17;
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir Path folder;

    @BeforeEach
    void needsTheLibrary() {
        assumeTrue(
                NativeLibrary.loaded(),
                () -> "no native library: " + NativeLibrary.missing().orElse(""));
        Doubles.use();
    }

    @AfterEach
    void forgetTheDoubles() {
        Doubles.forget();
    }

    private DeviceMemory filled(Device host, Device device, long seed) throws InterruptedException {
        DeviceMemory memory = device.allocateShareable(BYTES);
        try (DeviceMemory source = host.allocate(BYTES)) {
            source.all().view().put(random(seed, BYTES));
            try (CopyJob job = CopyJob.start(source.all(), memory.all())) {
                assertTrue(job.await(LONG));
            }
        }
        return memory;
    }

    @ParameterizedTest
    @EnumSource
    void anotherJvmAttachesAndCopies(Device.Kind kind) throws Exception {
        Path socket = folder.resolve("offer");
        CRC32C sum = new CRC32C();
        sum.update(random(7, BYTES));
        String expected =
                "image-7 "
                        + sum.getValue()
                        + " "
                        + (kind == Device.Kind.HOST ? sum.getValue() : "-");
        try (Device host = Device.host();
                Device device = Device.open(kind, 0)) {
            DeviceMemory memory = filled(host, device, 7);
            Offer offer = memory.offer(socket, "image-7".getBytes(StandardCharsets.UTF_8));
            assertEquals(socket, offer.socket());
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            try (OtherJvm first =
                            OtherJvm.start(
                                    Doubles.options(),
                                    Map.of(),
                                    "attach",
                                    kind.name(),
                                    socket.toString());
                    OtherJvm second =
                            OtherJvm.start(
                                    Doubles.options(),
                                    Map.of(),
                                    "attach",
                                    kind.name(),
                                    socket.toString())) {
                assertEquals(expected, first.line());
                assertEquals(expected, second.line());
                assertEquals(2, offer.leases());
                second.kill();
                assertTrue(Eventually.holds(() -> offer.leases() == 1));
                // The seed gives everything up; the peer's bytes stay.
                offer.close();
                memory.close();
                assertFalse(Files.exists(socket));
                first.proceed();
                assertEquals(expected, first.line());
                assertEquals("true", first.line());
                assertEquals(0, first.exitCode());
            }
            assertThrows(IllegalStateException.class, offer::leases);
            assertCode(Code.IO, () -> device.attach(socket, LONG));
        }
    }

    @Test
    void anAttachedMemoryIsReadOnlyInTheSameProcess() throws Exception {
        try (Device host = Device.host();
                DeviceMemory memory = filled(host, host, 8);
                DeviceMemory other = host.allocate(10);
                Offer offer = memory.offer(folder.resolve("own"), new byte[] {1, 2});
                DeviceMemory attached = host.attach(offer.socket(), LONG)) {
            HostContract.assertReadOnly(attached, other);
            assertEquals(2, attached.label().length);
            assertEquals(OtherJvm.checksum(memory), OtherJvm.checksum(attached));
        }
    }

    @Test
    void aSocketThatIsNoOfferIsRefused() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        try (Device host = Device.host();
                DeviceMemory memory = host.allocateShareable(10)) {
            DeviceException refused =
                    assertCode(Code.IO, () -> host.attach(file, Duration.ofSeconds(1)));
            assertEquals(111, refused.nativeCode()); // ECONNREFUSED
            assertCode(Code.IO, () -> memory.offer(file, new byte[0]));
            assertTrue(Files.exists(file), "what is no dead socket is left alone");
        }
    }

    @Test
    void aDriversFailureReachesTheOtherJvm() throws Exception {
        try (Device host = Device.host();
                Device device = Device.open(Device.Kind.CUDA, 0);
                DeviceMemory memory = filled(host, device, 9);
                Offer offer = memory.offer(folder.resolve("offer"), new byte[0])) {
            Map<String, String> failing = Map.of("HFX_DOUBLE_FAIL", "cuIpcOpenMemHandle_v2:1:321");
            try (OtherJvm other =
                    OtherJvm.start(
                            Doubles.options(),
                            failing,
                            "attach",
                            "CUDA",
                            offer.socket().toString())) {
                List<String> lines = other.allLines();
                assertEquals(1, lines.size(), lines.toString());
                assertTrue(
                        lines.get(0).startsWith("DRIVER 321 driver: cuIpcOpenMemHandle_v2 failed"),
                        lines.get(0));
            }
        }
    }
}
