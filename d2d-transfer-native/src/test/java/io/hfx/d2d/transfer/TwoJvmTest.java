package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TwoJvmTest {
    private static final long SEED = 71;

    /** A seed in another JVM: says its port, serves until its input ends. */
    static final class Serving {
        private Serving() {}

        public static void main(String[] args) throws Exception {
            try (Seed seed = Fleet.seed(Samples.image(SEED))) {
                Jvm.say(seed.address().getPort());
                while (System.in.read() >= 0) {
                    System.out.println("serving");
                }
            }
        }
    }

    /** A joiner in another JVM: stops in the middle of the image and says so. */
    static final class Joining {
        private Joining() {}

        public static void main(String[] args) {
            CloneListener halting =
                    new CloneListener() {
                        @Override
                        public void progressed(Progress progress) {
                            if (progress.goodChunks() == progress.chunks() / 2) {
                                Jvm.say("half");
                                awaitInput();
                            }
                        }
                    };
            try (ImageClone clone =
                    new ImageClone(Fleet.KEY, Fleet.empty(), 2, Fleet.LIMITS, halting)) {
                clone.run(List.of(local(args[0])), Wanted.of(Samples.KEY));
            }
        }

        private static void awaitInput() {
            try {
                System.out.println("goes on after " + System.in.read());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static InetSocketAddress local(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    @Test
    void anImageGoesFromOneJvmToAnother() throws Exception {
        try (Jvm other = Jvm.start(Serving.class, List.of());
                ImageClone clone =
                        new ImageClone(
                                Fleet.KEY, Fleet.empty(), 2, Fleet.LIMITS, CloneListener.NONE)) {
            TensorImage copy = clone.run(List.of(local(other.answer())), Wanted.of(Samples.KEY));
            Fleet.assertSame(Samples.image(SEED), copy);
            assertEquals(0, other.end());
        }
    }

    @Test
    void theRestOfAKilledSeedComesFromTheNextOne() throws Exception {
        TensorImage image = Samples.image(SEED);
        PartialImage part = Fleet.empty();
        Losses losses = new Losses();
        try (Jvm other = Jvm.start(Serving.class, List.of());
                Seed next = Fleet.seed(image)) {
            CloneListener killer =
                    new CloneListener() {
                        @Override
                        public void progressed(Progress progress) {
                            if (progress.goodChunks() == progress.chunks() / 2) {
                                kill(other);
                            }
                        }

                        @Override
                        public void lost(InetSocketAddress seed, TransferException why) {
                            losses.lost(seed, why);
                        }
                    };
            try (ImageClone clone = new ImageClone(Fleet.KEY, part, 2, Fleet.LIMITS, killer)) {
                List<InetSocketAddress> seeds = List.of(local(other.answer()), next.address());
                Fleet.assertSame(image, clone.run(seeds, Wanted.of(Samples.KEY)));
            }
            assertEquals(List.of(Fault.CLOSED), losses.faults);
            long half = image.manifest().layout().blobBytes() / 2;
            assertTrue(next.sentBytes() > 0 && next.sentBytes() <= half + Samples.CHUNK_BYTES);
        }
    }

    private static void kill(Jvm other) {
        try {
            other.kill();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aKilledJoinerHarmsNobody() throws Exception {
        TensorImage image = Samples.image(SEED);
        try (Seed seed = Fleet.seed(image);
                Jvm other =
                        Jvm.start(
                                Joining.class,
                                List.of(),
                                Integer.toString(seed.address().getPort()))) {
            assertEquals("half", other.answer());
            assertEquals(2, seed.links());
            other.kill();
            Fleet.await(() -> seed.links() == 0, "the links of the dead end");
            Fleet.assertSame(image, Fleet.join(2, seed));
        }
    }
}
