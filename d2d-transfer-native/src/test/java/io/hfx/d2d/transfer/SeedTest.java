package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SeedTest {
    private static Link joined(Seed seed) {
        Link link = LinkTransport.TCP.connect(seed.address(), Fleet.LIMITS);
        Deadline deadline = Deadline.in(Fleet.BOUND);
        Session session = Handshake.asJoiner(link, Fleet.KEY, deadline);
        byte[] join = new Join(false, Wanted.any()).encode();
        link.write(Frames.of(Frames.Type.JOIN, join), deadline);
        assertEquals(0, Ack.read(link, session, deadline).manifest().length);
        return link;
    }

    @Test
    void aReaderThatTakesNothingIsCutAndHoldsUpNobody() {
        TensorImage image = Samples.image(61);
        SeedOptions options = SeedOptions.loopback().withLimits(stalling(Duration.ofSeconds(1)));
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), options);
                Link slow = joined(seed)) {
            int chunks = image.manifest().chunks().count();
            for (int i = 0; i < 4 * chunks; i++) { // more than both ends' socket buffers hold
                slow.write(Frames.request(i % chunks), Deadline.in(Fleet.BOUND));
            }
            Fleet.assertSame(image, Fleet.join(2, seed, seed, seed));
            Fleet.await(() -> seed.refusedLinks() >= 1 && seed.links() == 0, "the slow one is cut");
        }
    }

    @Test
    void linksBeyondTheLimitAreToldSo() {
        TensorImage image = Fleet.small(62);
        SeedOptions options = SeedOptions.loopback().withLimits(Fleet.LIMITS).withMaxLinks(1);
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), options)) {
            try (Link only = joined(seed)) {
                assertTrue(only.peer().contains("127.0.0.1"));
                TransferException refusal =
                        assertThrows(TransferException.class, () -> joined(seed).close());
                assertEquals(Fault.BUSY, refusal.fault());
            }
            Fleet.await(() -> seed.links() == 0, "the link ends");
            Fleet.assertSame(image, Fleet.join(1, seed));
        }
    }

    @Test
    void aJoinWithMoreLinksThanTheSeedGivesStillSucceeds() {
        TensorImage image = Samples.image(63);
        SeedOptions options = SeedOptions.loopback().withLimits(Fleet.LIMITS).withMaxLinks(2);
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), options)) {
            Fleet.assertSame(image, Fleet.join(4, seed));
        }
    }

    @Test
    void chunksThatDoNotExistAreRefused() {
        try (Seed seed = Fleet.seed(Fleet.small(64))) {
            for (int index : new int[] {-1, -2, 1 << 20, Integer.MIN_VALUE}) {
                try (Link link = joined(seed)) {
                    Deadline deadline = Deadline.in(Fleet.BOUND);
                    link.write(Frames.request(index), deadline);
                    TransferException refusal =
                            assertThrows(
                                    TransferException.class,
                                    () -> Frames.read(link, Frames.Type.CHUNK, deadline));
                    assertEquals(Fault.PROTOCOL, refusal.fault(), "index " + index);
                }
            }
        }
    }

    @Test
    void closingEndsEveryLinkAndThread() {
        List<Link> links = new ArrayList<>();
        Seed seed = Fleet.seed(Fleet.small(65));
        for (int i = 0; i < 5; i++) {
            links.add(joined(seed));
        }
        links.add(LinkTransport.TCP.connect(seed.address(), Fleet.LIMITS)); // says nothing at all
        seed.close();
        assertEquals(0, seed.links());
        String prefix = "hfx-seed-" + seed.address().getPort();
        assertEquals(
                List.of(),
                Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(name -> name.startsWith(prefix))
                        .toList());
        links.forEach(Link::close);
    }

    /** The time for a request begins with its first byte, however long none came before. */
    @Test
    void aRequestMayComeInPiecesAfterAPause() {
        TensorImage image = Fleet.small(68);
        Duration stall = Duration.ofSeconds(2);
        SeedOptions options = SeedOptions.loopback().withLimits(stalling(stall));
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), options);
                Link link = joined(seed)) {
            Deadline pause = Deadline.in(stall);
            Fleet.await(pause::passed, "a pause longer than a stall");
            Deadline deadline = Deadline.in(Fleet.BOUND);
            ByteBuffer request = Frames.request(1);
            link.write(request.duplicate().limit(3), deadline);
            Deadline gap = Deadline.in(Duration.ofMillis(100));
            Fleet.await(gap::passed, "the seed reads the first piece");
            link.write(request.position(3), deadline);
            ByteBuffer chunk = Frames.read(link, Frames.Type.CHUNK, deadline);
            assertEquals(1, chunk.getInt());
            assertEquals(image.chunk(1), chunk);
        }
    }

    private static TransferLimits stalling(Duration stall) {
        TransferLimits l = Fleet.LIMITS;
        return new TransferLimits(
                l.connect(), l.handshake(), stall, l.idle(), l.chunk(), l.whole());
    }

    @Test
    void aSeedServesOnWhenAThreadCannotStart() {
        TensorImage image = Fleet.small(69);
        AtomicInteger made = new AtomicInteger();
        ThreadFactory failing =
                task ->
                        new Thread(task) {
                            @Override
                            public synchronized void start() {
                                if (made.incrementAndGet() == 1) {
                                    throw new OutOfMemoryError("no more threads");
                                }
                                super.start();
                            }
                        };
        SeedOptions options = SeedOptions.loopback().withLimits(Fleet.LIMITS);
        Losses losses = new Losses();
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), options, failing)) {
            Fleet.assertSame(image, Fleet.join(Fleet.empty(), 1, losses, seed, seed));
            assertEquals(1, seed.refusedLinks());
        }
        assertEquals(List.of(Fault.CLOSED), losses.faults);
    }

    /** A source may wait for long; the seed's end does not. */
    @Test
    void closingEndsALinkThatWaitsForItsSource() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        ImageSource never =
                new ImageSource() {
                    @Override
                    public ImageManifest awaitManifest(Duration atMost) {
                        asked.countDown();
                        try {
                            new CountDownLatch(1).await();
                            throw new AssertionError("nobody counts it down");
                        } catch (InterruptedException e) {
                            throw new TransferException(Fault.CANCELLED, "interrupted", e);
                        }
                    }

                    @Override
                    public ByteBuffer awaitChunk(int index, Duration atMost) {
                        throw new AssertionError("no manifest, no chunk");
                    }
                };
        ExecutorService threads = Fleet.threads();
        try (Seed seed = Fleet.seed(never)) {
            Future<TensorImage> copy = threads.submit(() -> Fleet.join(1, seed));
            assertTrue(asked.await(60, TimeUnit.SECONDS));
            threads.submit(seed::close).get(60, TimeUnit.SECONDS);
            assertThrows(ExecutionException.class, () -> Fleet.get(copy));
        } finally {
            threads.shutdownNow();
        }
    }

    /** A source that breaks its promise ends one link, not the seed. */
    @Test
    void aBrokenSourceEndsOneLink() {
        TensorImage image = Fleet.small(70);
        AtomicBoolean once = new AtomicBoolean(true);
        ImageSource broken =
                new ImageSource() {
                    @Override
                    public ImageManifest awaitManifest(Duration atMost) {
                        return image.manifest();
                    }

                    @Override
                    public ByteBuffer awaitChunk(int index, Duration atMost) {
                        if (once.getAndSet(false)) {
                            throw new IllegalStateException("closed too early");
                        }
                        return image.chunk(index);
                    }
                };
        Losses losses = new Losses();
        try (Seed seed = Fleet.seed(broken)) {
            Fleet.assertSame(image, Fleet.join(Fleet.empty(), 1, losses, seed, seed));
            assertEquals(1, seed.refusedLinks());
        }
        assertEquals(List.of(Fault.CLOSED), losses.faults);
    }
}
