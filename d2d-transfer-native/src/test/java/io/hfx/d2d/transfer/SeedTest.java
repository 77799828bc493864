package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SeedTest {
    private static Link joined(Seed seed) {
        Link link = Link.connect(seed.address(), Fleet.LIMITS);
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
        TransferLimits l = Fleet.LIMITS;
        TransferLimits impatient =
                new TransferLimits(
                        l.connect(),
                        l.handshake(),
                        Duration.ofSeconds(1),
                        l.idle(),
                        l.chunk(),
                        l.whole());
        SeedOptions options = SeedOptions.loopback().withLimits(impatient);
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
        links.add(Link.connect(seed.address(), Fleet.LIMITS)); // says nothing at all
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

    @Test
    void aPacedTransferKeepsToTheRate() {
        Pacer pacer = new Pacer(1 << 20);
        long startNanos = System.nanoTime();
        long waitNanos = 0;
        for (int i = 0; i < 100; i++) {
            waitNanos = pacer.reserveNanos(1 << 20);
        }
        long elapsedNanos = System.nanoTime() - startNanos;
        long dueNanos = Duration.ofSeconds(99).toNanos();
        long slackNanos = Duration.ofMillis(10).toNanos();
        assertTrue(waitNanos <= dueNanos + slackNanos, waitNanos + " ns");
        assertTrue(waitNanos + elapsedNanos >= dueNanos - slackNanos, waitNanos + " ns");
        pacer.setBytesPerSecond(Pacer.UNLIMITED);
        assertEquals(0, pacer.reserveNanos(1 << 30));
        assertThrows(IllegalArgumentException.class, () -> pacer.setBytesPerSecond(0));
    }

    @Test
    void aPacedImageArrivesWhole() {
        TensorImage image = Fleet.small(66);
        SeedOptions paced =
                SeedOptions.loopback().withLimits(Fleet.LIMITS).withPacer(new Pacer(20 << 20));
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), paced)) {
            Fleet.assertSame(image, Fleet.join(2, seed));
        }
    }
}
