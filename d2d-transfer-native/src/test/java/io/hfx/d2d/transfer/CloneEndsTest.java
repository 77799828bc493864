package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.BufferMemory;
import io.hfx.d2d.image.ImageException;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.ImageMemory;
import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a run ends before its image is whole, and what it waits for meanwhile. */
@Timeout(120)
class CloneEndsTest {
    /** So that nothing ends because its time is over. */
    private static final TransferLimits PATIENT = limits(Duration.ofHours(1));

    private static TransferLimits limits(Duration each) {
        return new TransferLimits(each, each, each, each, each, each);
    }

    private static void joinPatiently(PartialImage part, CloneListener listener, Seed seed) {
        try (ImageClone clone = new ImageClone(Fleet.KEY, part, 3, PATIENT, listener)) {
            clone.run(Fleet.addresses(seed, seed), Wanted.any());
        }
    }

    /** Gives chunks below an index; the others when the latch says so. */
    private static ImageSource gated(TensorImage image, int from, CountDownLatch open) {
        return new ImageSource() {
            @Override
            public ImageManifest awaitManifest(Duration atMost) {
                return image.manifest();
            }

            @Override
            public ByteBuffer awaitChunk(int index, Duration atMost) {
                try {
                    if (index >= from && !open.await(1, TimeUnit.HOURS)) {
                        throw new AssertionError("the gate stayed closed");
                    }
                } catch (InterruptedException e) {
                    throw new TransferException(Fault.CANCELLED, "interrupted", e);
                }
                return image.chunk(index);
            }
        };
    }

    private static long cloneThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("hfx-clone-link"))
                .count();
    }

    /** An error on the run's own thread must not leave the others pulling into the image. */
    @Test
    void anErrorOfTheRunsThreadEndsAllLinks() {
        Thread own = Thread.currentThread();
        CloneListener failing =
                new CloneListener() {
                    @Override
                    public void progressed(Progress progress) {
                        if (Thread.currentThread() == own) {
                            throw new AssertionError("a listener's mistake");
                        }
                    }
                };
        PartialImage part = Fleet.empty();
        try (Seed seed = Fleet.seed(gated(Samples.image(47), 60, new CountDownLatch(1)))) {
            assertThrows(AssertionError.class, () -> joinPatiently(part, failing, seed));
            assertEquals(0, cloneThreads());
        }
    }

    @Test
    void anInterruptEndsTheRun() throws Exception {
        PartialImage part = Fleet.empty();
        ExecutorService threads = Fleet.threads();
        AtomicReference<Thread> runs = new AtomicReference<>();
        try (Seed seed = Fleet.seed(gated(Samples.image(48), 10, new CountDownLatch(1)))) {
            Future<TransferException> end =
                    threads.submit(
                            () -> {
                                runs.set(Thread.currentThread());
                                return assertThrows(
                                        TransferException.class,
                                        () -> joinPatiently(part, CloneListener.NONE, seed));
                            });
            Fleet.await(
                    () -> part.progress().goodChunks() == 10 && seed.links() == 3,
                    "all links wait for the gate");
            Objects.requireNonNull(runs.get()).interrupt();
            assertEquals(Fault.CANCELLED, Fleet.get(end).fault());
            assertEquals(0, cloneThreads());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Memory may take long to be had; those who ask how far the image is do not wait for it. */
    @Test
    void theManifestIsKnownWhileMemoryIsTaken() throws Exception {
        TensorImage image = Fleet.small(49);
        CountDownLatch have = new CountDownLatch(1);
        PartialImage part =
                new PartialImage(
                        segments -> {
                            try {
                                assertTrue(have.await(60, TimeUnit.SECONDS));
                            } catch (InterruptedException e) {
                                throw new AssertionError(e);
                            }
                            return BufferMemory.direct(segments);
                        });
        ExecutorService threads = Fleet.threads();
        try (Seed seed = Fleet.seed(image)) {
            Future<TensorImage> copy =
                    threads.submit(() -> Fleet.join(part, 2, CloneListener.NONE, seed));
            Future<String> hash = threads.submit(() -> part.awaitManifest(Fleet.BOUND).hash());
            assertEquals(image.manifest().hash(), Fleet.get(hash));
            assertEquals(0, Fleet.get(threads.submit(part::progress)).goodChunks());
            have.countDown();
            Fleet.assertSame(image, Fleet.get(copy));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void memoryThatComesAfterTheCloseIsLetGo() {
        AtomicReference<ImageMemory> taken = new AtomicReference<>();
        AtomicReference<PartialImage> closing = new AtomicReference<>();
        PartialImage part =
                new PartialImage(
                        segments -> {
                            Objects.requireNonNull(closing.get()).close();
                            taken.set(BufferMemory.direct(segments));
                            return Objects.requireNonNull(taken.get());
                        });
        closing.set(part);
        try (Seed seed = Fleet.seed(Fleet.small(50))) {
            TransferException end =
                    assertThrows(
                            TransferException.class,
                            () -> Fleet.join(part, 1, CloneListener.NONE, seed));
            assertEquals(Fault.CANCELLED, end.fault());
        }
        ImageMemory memory = Objects.requireNonNull(taken.get());
        assertThrows(IllegalStateException.class, () -> memory.slice(0, 1));
    }

    @Test
    void afterARunWithoutMemoryALaterOneMayHaveIt() {
        TensorImage image = Fleet.small(51);
        AtomicBoolean once = new AtomicBoolean(true);
        PartialImage part =
                new PartialImage(
                        segments -> {
                            if (once.getAndSet(false)) {
                                throw new ImageException(ImageException.Fault.NO_MEMORY, "none");
                            }
                            return BufferMemory.direct(segments);
                        });
        try (Seed seed = Fleet.seed(image)) {
            assertThrows(
                    TransferException.class, () -> Fleet.join(part, 1, CloneListener.NONE, seed));
            Fleet.assertSame(image, Fleet.join(part, 1, CloneListener.NONE, seed));
        }
    }
}
