package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.image.TensorShape;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tensors of an image that still comes: readable when their chunks are verified, not before. */
@Timeout(120)
class AwaitedTensorTest {
    /** Of the samples: the last tensor, and the first chunk that holds none of those before it. */
    private static final String LAST = "head";

    private final TensorImage image = Samples.image(61);
    private final int lastFrom = image.chunks(LAST).min().orElseThrow();
    private final PartialImage part = Fleet.empty();
    private final ExecutorService threads = Fleet.threads();

    @BeforeEach
    void takeMemory() {
        part.begin(image.manifest());
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /**
     * Gives the chunks before the last tensor's, the others as {@code rest} says when it is done.
     */
    private ImageSource upToTheLast(CompletableFuture<ImageSource> rest) {
        return new ImageSource() {
            @Override
            public ImageManifest awaitManifest(Duration atMost) {
                return image.manifest();
            }

            @Override
            public ByteBuffer awaitChunk(int index, Duration atMost) {
                return index < lastFrom
                        ? image.chunk(index)
                        : rest.join().awaitChunk(index, atMost);
            }
        };
    }

    private static ImageSource dead(TensorImage image) {
        return new ImageSource() {
            @Override
            public ImageManifest awaitManifest(Duration atMost) {
                return image.manifest();
            }

            @Override
            public ByteBuffer awaitChunk(int index, Duration atMost) {
                throw new TransferException(Fault.NOT_READY, "it died");
            }
        };
    }

    private Future<TensorImage> pull(int links, Seed seed) {
        return threads.submit(() -> Fleet.join(part, links, CloneListener.NONE, seed));
    }

    private Waiter waiter() throws InterruptedException {
        CompletableFuture<TransferException> end = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                part.awaitTensor(LAST, Fleet.BOUND);
                                end.complete(null);
                            } catch (TransferException e) {
                                end.complete(e);
                            }
                        });
        thread.start();
        Fleet.await(
                () -> thread.getState() == Thread.State.TIMED_WAITING || end.isDone(), "it waits");
        return new Waiter(thread, end);
    }

    private record Waiter(Thread thread, CompletableFuture<TransferException> end) {
        TransferException failure() throws Exception {
            TransferException failure = Fleet.get(end);
            assertTrue(failure != null, "the tensor came");
            return failure;
        }
    }

    private void assertReadable(String tensor) {
        part.awaitTensor(tensor, Fleet.BOUND);
        assertEquals(-1, image.tensor(tensor).mismatch(part.tensor(tensor)), tensor);
    }

    /** Empty tensors, and tensors that share a chunk with others, too. */
    @Test
    void tensorsAreReadableInTheirOrderWhileLaterOnesAreMissing() throws Exception {
        CompletableFuture<ImageSource> rest = new CompletableFuture<>();
        try (Seed seed = Fleet.seed(upToTheLast(rest))) {
            Future<TensorImage> whole = pull(2, seed);
            List<String> names = Samples.SHAPES.stream().map(TensorShape::name).toList();
            for (String early : names.subList(0, names.size() - 2)) {
                assertReadable(early);
            }
            Waiter waiter = waiter();
            assertFalse(part.goodChunks().get(lastFrom));
            assertFalse(waiter.end().isDone());
            rest.complete(ImageSource.of(image));
            assertEquals(null, Fleet.get(waiter.end()));
            names.forEach(this::assertReadable);
            Fleet.assertSame(image, Fleet.get(whole));
        }
        assertTrue(part.handedOut());
    }

    @Test
    void allWhoWaitHearWhyATransferFailedAndALaterOneServesThem() throws Exception {
        CompletableFuture<ImageSource> rest = new CompletableFuture<>();
        try (Seed seed = Fleet.seed(upToTheLast(rest));
                Seed good = Fleet.seed(image)) {
            Future<TensorImage> whole = pull(1, seed);
            List<Waiter> waiters = List.of(waiter(), waiter());
            rest.complete(dead(image));
            for (Waiter waiter : waiters) {
                TransferException why = waiter.failure();
                assertEquals(Fault.NO_SEED, why.fault());
                assertTrue(why.getMessage().startsWith(LAST + " did not come: "), why.getMessage());
                assertTrue(why.getMessage().contains("it died"), why.getMessage());
            }
            assertThrows(Exception.class, () -> Fleet.get(whole));
            assertEquals(lastFrom, part.goodChunks().cardinality());
            assertThrows(TransferException.class, () -> part.awaitTensor(LAST, Fleet.BOUND));
            part.begin(image.manifest());
            Waiter again = waiter();
            Fleet.join(part, 1, CloneListener.NONE, good);
            assertEquals(null, Fleet.get(again.end()));
            assertReadable(LAST);
        }
    }

    @Test
    void aChunkWithAWrongChecksumIsNotReadable() throws Exception {
        ByteBuffer wrong = ByteBuffer.allocate(image.chunk(lastFrom).remaining());
        wrong.put(image.chunk(lastFrom)).flip();
        wrong.put(9, (byte) ~wrong.get(9));
        ImageSource corrupt =
                new ImageSource() {
                    @Override
                    public ImageManifest awaitManifest(Duration atMost) {
                        return image.manifest();
                    }

                    @Override
                    public ByteBuffer awaitChunk(int index, Duration atMost) {
                        return index == lastFrom ? wrong.duplicate() : image.chunk(index);
                    }
                };
        try (Seed seed = Fleet.seed(corrupt)) {
            Future<TensorImage> whole = pull(1, seed);
            TransferException why =
                    assertThrows(
                            TransferException.class, () -> part.awaitTensor(LAST, Fleet.BOUND));
            assertTrue(why.getMessage().contains("wrong checksum"), why.getMessage());
            assertThrows(Exception.class, () -> Fleet.get(whole));
        }
    }

    @Test
    void aCloseAndAnInterruptEndTheWait() throws Exception {
        Waiter interrupted = waiter();
        interrupted.thread().interrupt();
        assertEquals(Fault.CANCELLED, interrupted.failure().fault());
        Waiter closed = waiter();
        part.close();
        assertEquals(Fault.NOT_READY, closed.failure().fault());
    }

    @Test
    void theWaitIsBoundedAndTheNameKnown() {
        TransferException why =
                assertThrows(
                        TransferException.class,
                        () -> part.awaitTensor(LAST, Duration.ofMillis(1)));
        assertEquals(Fault.NOT_READY, why.fault());
        assertThrows(IllegalArgumentException.class, () -> part.awaitTensor("none", Fleet.BOUND));
    }
}
