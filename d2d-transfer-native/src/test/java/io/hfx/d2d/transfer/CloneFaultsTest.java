package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.ElementType;
import io.hfx.d2d.image.ImageException;
import io.hfx.d2d.image.ImageKey;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CloneFaultsTest {
    @Test
    void aCorruptChunkIsResentAndCounted() {
        TensorImage image = Samples.image(31);
        AtomicBoolean once = new AtomicBoolean(true);
        PartialImage part = Fleet.empty();
        try (Seed seed = Fleet.seed(new Tampering(image, i -> i == 5 && once.getAndSet(false)))) {
            Fleet.assertSame(image, Fleet.join(part, 2, CloneListener.NONE, seed));
        }
        assertEquals(1, part.progress().resentChunks());
    }

    @Test
    void aSeedThatStaysCorruptIsLeftForTheNext() {
        TensorImage image = Samples.image(32);
        Losses losses = new Losses();
        try (Seed bad = Fleet.seed(new Tampering(image, i -> i >= 5));
                Seed good = Fleet.seed(image)) {
            Fleet.assertSame(image, Fleet.join(Fleet.empty(), 2, losses, bad, good));
        }
        assertEquals(List.of(Fault.CORRUPT), losses.faults);
    }

    @Test
    void nothingIsHandedOutWhenTheLastChunkStaysWrong() {
        TensorImage image = Samples.image(33);
        int last = image.manifest().chunks().count() - 1;
        PartialImage part = Fleet.empty();
        try (Seed bad = Fleet.seed(new Tampering(image, i -> i == last))) {
            TransferException refusal =
                    assertThrows(
                            TransferException.class,
                            () -> Fleet.join(part, 1, CloneListener.NONE, bad));
            assertEquals(Fault.NO_SEED, refusal.fault());
        }
        assertEquals(last, part.progress().goodChunks());
        assertFalse(part.goodChunks().get(last));
        assertThrows(IllegalStateException.class, part::handOut);
    }

    @Test
    void aDyingSeedsRestComesFromTheNextOne() {
        TensorImage image = Samples.image(34);
        int half = image.manifest().chunks().count() / 2;
        PartialImage part = Fleet.empty();
        Seed first = Fleet.seed(image);
        Seed second = Fleet.seed(image);
        long[] goodBytesAtLoss = new long[1];
        CloneListener killer =
                new CloneListener() {
                    @Override
                    public void progressed(Progress progress) {
                        if (progress.goodChunks() == half) {
                            first.close();
                        }
                    }

                    @Override
                    public void lost(InetSocketAddress seed, TransferException why) {
                        goodBytesAtLoss[0] = part.progress().goodBytes();
                    }
                };
        Fleet.assertSame(image, Fleet.join(part, 2, killer, first, second));
        second.close();
        assertTrue(goodBytesAtLoss[0] >= (long) half * Samples.CHUNK_BYTES);
        assertEquals(
                image.manifest().layout().blobBytes() - goodBytesAtLoss[0], second.sentBytes());
    }

    @Test
    void aLaterRunGoesOnFromWhatIsThere() {
        TensorImage image = Samples.image(35);
        PartialImage part = Fleet.empty();
        try (Seed first = Fleet.seed(new Tampering(image, i -> i >= 20))) {
            assertThrows(
                    TransferException.class, () -> Fleet.join(part, 1, CloneListener.NONE, first));
        }
        assertEquals(20, part.goodChunks().cardinality());
        Seed second = Fleet.seed(image);
        Fleet.assertSame(image, Fleet.join(part, 1, CloneListener.NONE, second));
        second.close();
        assertEquals(
                image.manifest().layout().blobBytes() - 20L * Samples.CHUNK_BYTES,
                second.sentBytes());
    }

    @Test
    void aRunGoesOnWithTheVeryImageThatWasBegun() {
        PartialImage part = Fleet.empty();
        try (Seed first = Fleet.seed(new Tampering(Fleet.small(36), i -> i >= 20));
                Seed other = Fleet.seed(Fleet.small(37))) {
            Losses losses = new Losses();
            assertThrows(TransferException.class, () -> Fleet.join(part, 1, losses, first, other));
            assertEquals(List.of(Fault.CORRUPT, Fault.WRONG_MANIFEST), losses.faults);
        }
    }

    @Test
    void aDyingJoinerHarmsNobody() {
        TensorImage image = Samples.image(38);
        try (Seed seed = Fleet.seed(image)) {
            ImageClone[] dying = new ImageClone[1];
            CloneListener killer =
                    new CloneListener() {
                        @Override
                        public void progressed(Progress progress) {
                            if (progress.goodChunks() == 10) {
                                dying[0].close();
                            }
                        }
                    };
            dying[0] = new ImageClone(Fleet.KEY, Fleet.empty(), 3, Fleet.LIMITS, killer);
            TransferException end =
                    assertThrows(
                            TransferException.class,
                            () -> dying[0].run(Fleet.addresses(seed), Wanted.any()));
            assertEquals(Fault.CANCELLED, end.fault());
            Fleet.assertSame(image, Fleet.join(2, seed));
            Fleet.await(() -> seed.links() == 0, "links end");
        }
    }

    @Test
    void anotherModelTypeOrLayoutIsRefusedBeforeAnyByte() {
        ImageKey key = Samples.KEY;
        Tampering source = new Tampering(Fleet.small(39), i -> false);
        try (Seed seed = Fleet.seed(source)) {
            assertRefused(
                    seed,
                    Fault.WRONG_MODEL,
                    new ImageKey("f".repeat(64), key.dtype(), "IN_OUT", 1));
            assertRefused(
                    seed,
                    Fault.WRONG_DTYPE,
                    new ImageKey(key.modelHash(), ElementType.F16, "IN_OUT", 1));
            assertRefused(
                    seed,
                    Fault.WRONG_LAYOUT,
                    new ImageKey(key.modelHash(), key.dtype(), "OUT_IN", 1));
            assertRefused(
                    seed,
                    Fault.WRONG_LAYOUT,
                    new ImageKey(key.modelHash(), key.dtype(), "IN_OUT", 2));
            assertEquals(0, seed.sentBytes());
        }
        assertEquals(4, source.asked.get(), "only manifests were asked for");
    }

    private static void assertRefused(Seed seed, Fault fault, ImageKey key) {
        Losses losses = new Losses();
        PartialImage part = Fleet.empty();
        ImageClone clone = new ImageClone(Fleet.KEY, part, 2, Fleet.LIMITS, losses);
        TransferException refusal =
                assertThrows(
                        TransferException.class,
                        () -> clone.run(Fleet.addresses(seed), Wanted.of(key)));
        assertEquals(Fault.NO_SEED, refusal.fault());
        assertEquals(List.of(fault), losses.faults);
        assertEquals(0, part.progress().chunks());
    }

    @Test
    void withoutMemoryNoOtherSeedIsTried() {
        PartialImage part =
                new PartialImage(
                        segments -> {
                            throw new ImageException(ImageException.Fault.NO_MEMORY, "none left");
                        });
        try (Seed seed = Fleet.seed(Fleet.small(40))) {
            Losses losses = new Losses();
            TransferException refusal =
                    assertThrows(
                            TransferException.class, () -> Fleet.join(part, 1, losses, seed, seed));
            assertEquals(Fault.NO_MEMORY, refusal.fault());
            assertEquals(List.of(), losses.faults);
        }
    }

    @Test
    void aSeedThatIsNotThereIsLeftForTheNext() throws IOException {
        TensorImage image = Fleet.small(41);
        Seed gone = Fleet.seed(image);
        gone.close();
        Losses losses = new Losses();
        try (Seed seed = Fleet.seed(image)) {
            Fleet.assertSame(image, Fleet.join(Fleet.empty(), 2, losses, gone, seed));
        }
        assertEquals(List.of(Fault.CONNECT), losses.faults);
    }

    @Test
    void aRelayWhoseOwnSeedsFailSaysSo() {
        PartialImage part = Fleet.empty();
        try (Seed relay = Fleet.seed(part)) {
            part.stop(new TransferException(Fault.NO_SEED, "no seed gave the whole image"));
            Losses losses = new Losses();
            assertThrows(
                    TransferException.class, () -> Fleet.join(Fleet.empty(), 1, losses, relay));
            assertEquals(List.of(Fault.NOT_READY), losses.faults);
        }
    }

    @Test
    void aRelayThatGetsNoFurtherSaysSoBetweenChunks() {
        TensorImage image = Fleet.small(44);
        ImageSource stuck =
                new ImageSource() {
                    @Override
                    public ImageManifest awaitManifest(Duration atMost) {
                        return image.manifest();
                    }

                    @Override
                    public ByteBuffer awaitChunk(int index, Duration atMost) {
                        if (index == 9) {
                            throw new TransferException(Fault.NOT_READY, "no chunk 9");
                        }
                        return image.chunk(index);
                    }
                };
        PartialImage part = Fleet.empty();
        try (Seed relay = Fleet.seed(stuck)) {
            Losses losses = new Losses();
            assertThrows(TransferException.class, () -> Fleet.join(part, 1, losses, relay));
            assertEquals(List.of(Fault.NOT_READY), losses.faults);
        }
        assertEquals(9, part.progress().goodChunks());
    }

    /** A refusal says nothing of the joiner's own state, whatever code it carries. */
    @Test
    void noSeedCanCancelAClone() {
        TensorImage image = Fleet.small(46);
        for (Fault fault : List.of(Fault.CANCELLED, Fault.NO_MEMORY)) {
            ImageSource odd =
                    new ImageSource() {
                        @Override
                        public ImageManifest awaitManifest(Duration atMost) {
                            throw new TransferException(fault, "an odd seed");
                        }

                        @Override
                        public ByteBuffer awaitChunk(int index, Duration atMost) {
                            throw new AssertionError("no manifest, no chunk");
                        }
                    };
            Losses losses = new Losses();
            try (Seed first = Fleet.seed(odd);
                    Seed second = Fleet.seed(image)) {
                Fleet.assertSame(image, Fleet.join(Fleet.empty(), 1, losses, first, second));
            }
            assertEquals(List.of(Fault.NOT_READY), losses.faults);
            assertEquals(Fault.PROTOCOL, Fault.of(0));
        }
    }
}
