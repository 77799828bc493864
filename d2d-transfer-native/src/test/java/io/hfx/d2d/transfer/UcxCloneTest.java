package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.ElementType;
import io.hfx.d2d.image.ImageFile;
import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.image.TensorShape;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clones over UCX, with whatever it finds on this machine; skipped where there is no UCX. */
@Timeout(120)
class UcxCloneTest {
    /** Four messages each, and more than are under way at a time. */
    private static final int CHUNK_BYTES = 8 << 20;

    private final ExecutorService threads = Fleet.threads();

    @BeforeAll
    static void needsUcx() {
        try {
            ucx();
        } catch (TransferException e) {
            Assumptions.abort(e.getMessage());
        }
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private static LinkTransport ucx() {
        return LinkTransport.of("ucx");
    }

    /** Of 48 MiB, in six chunks. */
    private static TensorImage image(long seed) {
        List<TensorShape> shapes =
                List.of(
                        Samples.shape("a", ElementType.F32, 3_000, 1_021),
                        Samples.shape("b", ElementType.F32, 7_001, 1_201));
        return Samples.image(Samples.KEY, shapes, CHUNK_BYTES, seed);
    }

    private static SeedOptions options() {
        return SeedOptions.loopback().withLimits(Fleet.LIMITS).withTransport(ucx());
    }

    private static Seed seed(ImageSource source) {
        return Seed.open(Fleet.KEY, source, options());
    }

    private static ImageClone clone(
            WorkerKey key, PartialImage into, int links, CloneListener listener) {
        return new ImageClone(ucx(), key, into, links, Fleet.LIMITS, listener);
    }

    private static TensorImage join(
            PartialImage into, int links, CloneListener listener, Seed... seeds) {
        try (ImageClone clone = clone(Fleet.KEY, into, links, listener)) {
            return clone.run(Fleet.addresses(seeds), Wanted.of(Samples.KEY));
        }
    }

    private static TensorImage join(int links, Seed... seeds) {
        return join(Fleet.empty(), links, CloneListener.NONE, seeds);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void everyByteArrives(int links) {
        TensorImage image = image(901);
        try (Seed seed = seed(ImageSource.of(image))) {
            Fleet.assertSame(image, join(links, seed));
            assertEquals(image.manifest().layout().blobBytes(), seed.sentBytes());
        }
    }

    @Test
    void chunksThatAreOneSmallMessageArriveToo() {
        TensorImage image = Samples.image(902);
        try (Seed seed = seed(ImageSource.of(image))) {
            Fleet.assertSame(image, join(2, seed));
        }
    }

    @Test
    void aMappedFileIsSentFromWhereItIs(@TempDir Path folder) throws IOException {
        TensorImage image = image(903);
        Path file = folder.resolve("image.safetensors");
        ImageFile.write(image, file);
        try (TensorImage mapped = ImageFile.open(file, Samples.KEY);
                Seed seed = seed(ImageSource.of(mapped))) {
            Fleet.assertSame(image, join(1, seed));
        }
    }

    @Test
    void aChainOfTwoPassesChunksOnAsTheyCome() throws Exception {
        TensorImage image = image(904);
        PartialImage part = Fleet.empty();
        try (Seed seed = seed(ImageSource.of(image));
                Seed relay = seed(part)) {
            Future<TensorImage> first =
                    threads.submit(() -> join(part, 2, CloneListener.NONE, seed));
            Future<TensorImage> second = threads.submit(() -> join(2, relay));
            Fleet.assertSame(image, Fleet.get(first));
            Fleet.assertSame(image, Fleet.get(second));
            assertEquals(image.manifest().layout().blobBytes(), relay.sentBytes());
        }
    }

    @Test
    void aPacedSeedSendsNoFasterThanItMay() {
        TensorImage image = Samples.image(905);
        long bytes = image.manifest().layout().blobBytes();
        try (Seed seed =
                Seed.open(
                        Fleet.KEY,
                        ImageSource.of(image),
                        options().withPacer(new Pacer(4 * bytes)))) {
            long start = System.nanoTime();
            Fleet.assertSame(image, join(2, seed));
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(took.toMillis() >= 200, "took " + took);
        }
    }

    @Test
    void aDyingSeedsRestComesFromTheNextOne() {
        TensorImage image = image(906);
        PartialImage part = Fleet.empty();
        Seed first = seed(ImageSource.of(image));
        CloneListener killer =
                new CloneListener() {
                    @Override
                    public void progressed(Progress progress) {
                        if (progress.goodChunks() == 2) {
                            first.close();
                        }
                    }
                };
        try (Seed second = seed(ImageSource.of(image))) {
            Fleet.assertSame(image, join(part, 1, killer, first, second));
            assertEquals(
                    image.manifest().layout().blobBytes() - 2L * CHUNK_BYTES, second.sentBytes());
        }
    }

    @Test
    void aDyingJoinerHarmsNobody() {
        TensorImage image = image(907);
        try (Seed seed = seed(ImageSource.of(image))) {
            ImageClone[] dying = new ImageClone[1];
            CloneListener killer =
                    new CloneListener() {
                        @Override
                        public void progressed(Progress progress) {
                            if (progress.goodChunks() == 2) {
                                dying[0].close();
                            }
                        }
                    };
            dying[0] = clone(Fleet.KEY, Fleet.empty(), 2, killer);
            TransferException end =
                    assertThrows(
                            TransferException.class,
                            () -> dying[0].run(Fleet.addresses(seed), Wanted.any()));
            assertEquals(Fault.CANCELLED, end.fault());
            Fleet.await(() -> seed.links() == 0, "the links of the dead end");
            Fleet.assertSame(image, join(2, seed));
        }
    }

    @Test
    void aCloseEndsALinkThatReceives() throws Exception {
        TensorImage image = image(908);
        PartialImage part = Fleet.empty();
        SeedOptions slow = options().withPacer(new Pacer(1 << 20)); // a chunk takes 8 s
        ImageClone clone = clone(Fleet.KEY, part, 2, CloneListener.NONE);
        try (Seed seed = Seed.open(Fleet.KEY, ImageSource.of(image), slow)) {
            Future<TensorImage> run =
                    threads.submit(() -> clone.run(Fleet.addresses(seed), Wanted.any()));
            Fleet.await(() -> seed.sentBytes() > 0, "bytes are under way");
            clone.close();
            Exception end = assertThrows(Exception.class, () -> Fleet.get(run));
            assertEquals(Fault.CANCELLED, ((TransferException) end.getCause()).fault());
            assertFalse(part.complete());
        }
    }

    @Test
    void anotherKeyGetsNothing() {
        Tampering source = new Tampering(Fleet.small(909), i -> false);
        Losses losses = new Losses();
        try (Seed seed = seed(source);
                ImageClone clone = clone(Fleet.OTHER_KEY, Fleet.empty(), 1, losses)) {
            assertThrows(
                    TransferException.class, () -> clone.run(Fleet.addresses(seed), Wanted.any()));
            assertEquals(List.of(Fault.BAD_KEY), losses.faults);
            Fleet.await(() -> seed.refusedLinks() == 1, "the refusal is counted");
            assertEquals(0, seed.sentBytes());
        }
        assertEquals(0, source.asked.get());
    }

    @Test
    void anAbsentSeedIsNotWaitedFor() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        InetSocketAddress absent = new InetSocketAddress(InetAddress.getLoopbackAddress(), closed);
        TransferException why =
                assertThrows(TransferException.class, () -> ucx().connect(absent, Fleet.LIMITS));
        assertEquals(Fault.CONNECT, why.fault(), why.getMessage());
    }

    @Test
    void whoSaysOrTakesNothingIsLeftAfterTheStallTime() throws Exception {
        Duration brief = Duration.ofMillis(200);
        try (LinkListener listener = listen(brief)) {
            Future<Link> connecting =
                    threads.submit(() -> ucx().connect(listener.address(), limits(brief)));
            try (Link other = listener.accept()) {
                while (!connecting.isDone()) {
                    other.pause(1_000_000, Deadline.in(Fleet.BOUND)); // both ends make it stand
                }
                try (Link link = Fleet.get(connecting)) {
                    ByteBuffer into = ByteBuffer.allocate(1);
                    assertTimesOut(() -> link.read(into, Deadline.in(Fleet.BOUND)));
                    ByteBuffer large = ByteBuffer.allocateDirect(CHUNK_BYTES);
                    assertTimesOut(() -> other.write(large, Deadline.in(Fleet.BOUND)));
                }
            }
        }
    }

    private static void assertTimesOut(Executable call) {
        TransferException why = assertThrows(TransferException.class, call);
        assertEquals(Fault.TIMEOUT, why.fault(), why.getMessage());
    }

    private static LinkListener listen(Duration stall) {
        return ucx().listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), stall);
    }

    private static TransferLimits limits(Duration stall) {
        return new TransferLimits(
                Fleet.BOUND, Fleet.BOUND, stall, Fleet.BOUND, Fleet.BOUND, Fleet.BOUND);
    }

    @Test
    void nothingStaysAfterManyClones() throws IOException {
        Assumptions.assumeTrue(Usage.isKnown(), "the kernel does not say what a process holds");
        TensorImage image = Samples.image(911);
        cloneTimes(10, image);
        Usage before = Usage.settled();
        cloneTimes(30, image);
        Usage after = Usage.settled();
        System.out.println("before " + before.row() + ", after " + after.row());
        assertTrue(after.files() <= before.files() + 2, "files");
        assertTrue(after.threads() <= before.threads() + 2, "threads");
        assertTrue(after.mappings() <= before.mappings() + 16, "mappings");
    }

    /** Each time with a seed of its own. */
    private static void cloneTimes(int times, TensorImage image) {
        for (int i = 0; i < times; i++) {
            try (Seed seed = seed(ImageSource.of(image))) {
                Fleet.assertSame(image, join(2, seed));
            }
        }
    }

    @Test
    void aStrangersBytesHarmNobody() throws IOException {
        TensorImage image = Samples.image(912);
        Random random = new Random(912);
        try (Seed seed = seed(ImageSource.of(image))) {
            for (int i = 0; i < 20; i++) {
                byte[] noise = new byte[random.nextInt(4_096)];
                random.nextBytes(noise);
                try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), port(seed))) {
                    stranger.getOutputStream().write(noise);
                }
            }
            Fleet.assertSame(image, join(1, seed));
        }
    }

    private static int port(Seed seed) {
        return seed.address().getPort();
    }

    /** A seed in a JVM of its own, until its input ends. */
    static final class Serving {
        private Serving() {}

        public static void main(String[] args) throws Exception {
            try (Seed seed = seed(ImageSource.of(image(910)))) {
                Jvm.say(port(seed));
                while (System.in.read() >= 0) {
                    System.out.println("serving");
                }
            }
        }
    }

    @Test
    void anImageGoesFromOneJvmToAnotherAndItsRestFromTheNextWhenThatIsKilled() throws Exception {
        TensorImage image = image(910);
        Losses losses = new Losses();
        try (Jvm other = Jvm.start(Serving.class, List.of());
                Seed next = seed(ImageSource.of(image))) {
            String port = other.answer();
            InetSocketAddress far =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
            try (ImageClone whole = clone(Fleet.KEY, Fleet.empty(), 2, CloneListener.NONE)) {
                Fleet.assertSame(image, whole.run(List.of(far), Wanted.any()));
            }
            CloneListener killer =
                    new CloneListener() {
                        @Override
                        public void progressed(Progress progress) {
                            if (progress.goodChunks() == 2) {
                                kill(other);
                            }
                        }

                        @Override
                        public void lost(InetSocketAddress seed, TransferException why) {
                            losses.lost(seed, why);
                        }
                    };
            try (ImageClone half = clone(Fleet.KEY, Fleet.empty(), 1, killer)) {
                Fleet.assertSame(image, half.run(List.of(far, next.address()), Wanted.any()));
            }
            assertEquals(List.of(Fault.CLOSED), losses.faults);
            assertTrue(next.sentBytes() > 0);
        }
    }

    private static void kill(Jvm other) {
        try {
            other.kill();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
