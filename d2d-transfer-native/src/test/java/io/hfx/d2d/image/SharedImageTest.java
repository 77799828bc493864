package io.hfx.d2d.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.d2d.device.CopyJob;
import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.DeviceException;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.device.Offer;
import io.hfx.d2d.image.ImageException.Fault;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image that another process offers, attached to and copied, and what may be wrong with it. */
class SharedImageTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Device host = Device.host();

    @TempDir Path folder;

    private TensorImage image;
    private DeviceMemory memory;

    @BeforeEach
    void offer() {
        TensorImage plain = Samples.image(81);
        try {
            memory = host.allocateShareable(plain.manifest().layout().blobBytes());
        } catch (DeviceException e) {
            assumeTrue(e.code() != DeviceException.Code.UNSUPPORTED, e.getMessage());
            throw e;
        }
        image = new TensorImage(plain.manifest(), new HostImageMemory(memory));
        for (int i = 0; i < plain.manifest().chunks().count(); i++) {
            plain.manifest().chunks().in(new HostImageMemory(memory), i).put(plain.chunk(i));
        }
        image.verify("what is offered");
    }

    @AfterEach
    void close() {
        if (memory != null) {
            memory.close();
        }
        host.close();
    }

    private TensorImage attached(DeviceMemory of) {
        return new TensorImage(image.manifest(), new HostImageMemory(of));
    }

    @Test
    void attachedAndCopiedItIsTheSame() throws InterruptedException {
        byte[] label = image.manifest().hash().getBytes(US_ASCII);
        try (Offer offer = memory.offer(folder.resolve("image"), label);
                DeviceMemory there = host.attach(offer.socket(), LONG);
                DeviceMemory own = host.allocate(there.bytes());
                CopyJob job = CopyJob.start(there.all(), own.all())) {
            assertArrayEquals(label, there.label());
            assertEquals(true, job.await(LONG));
            for (TensorImage same : new TensorImage[] {attached(there), attached(own)}) {
                same.verify("the same");
                for (int i = 0; i < image.manifest().chunks().count(); i++) {
                    assertEquals(-1, image.chunk(i).mismatch(same.chunk(i)), "chunk " + i);
                }
            }
        }
    }

    @Test
    void whatIsChangedAfterwardsIsFound() {
        ByteBuffer writable = memory.all().view();
        try (Offer offer = memory.offer(folder.resolve("image"), new byte[0]);
                DeviceMemory there = host.attach(offer.socket(), LONG)) {
            TensorImage same = attached(there);
            same.verify("attached");
            int at = 7 * Samples.CHUNK_BYTES + 11;
            writable.put(at, (byte) (writable.get(at) ^ 4));
            ImageException refusal =
                    assertThrows(ImageException.class, () -> same.verify("attached"));
            assertEquals(Fault.CORRUPT, refusal.fault());
        }
    }

    @Test
    void memoryOfAnotherSizeIsRefused() {
        for (long bytes : new long[] {memory.bytes() - 1, memory.bytes() + 4096}) {
            try (DeviceMemory other = host.allocateShareable(bytes);
                    Offer offer = other.offer(folder.resolve("image"), new byte[0]);
                    DeviceMemory there = host.attach(offer.socket(), LONG)) {
                ImageException refusal = assertThrows(ImageException.class, () -> attached(there));
                assertEquals(Fault.TRUNCATED, refusal.fault());
            }
        }
    }
}
