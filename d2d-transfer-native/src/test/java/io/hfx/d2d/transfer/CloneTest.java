package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.ImageFile;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class CloneTest {
    @TempDir Path dir;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void anImageArrivesByteForByte(int links) {
        TensorImage image = Samples.image(21);
        List<Progress> heard = new ArrayList<>();
        CloneListener listener =
                new CloneListener() {
                    @Override
                    public void progressed(Progress progress) {
                        heard.add(progress);
                    }
                };
        try (Seed seed = Fleet.seed(image)) {
            assertTrue(seed.address().getAddress().isLoopbackAddress());
            TensorImage copy = Fleet.join(Fleet.empty(), links, listener, seed);
            Fleet.assertSame(image, copy);
            copy.verify("the copy");
            assertEquals(image.tensor("head"), copy.tensor("head"));
            Fleet.await(() -> seed.links() == 0, "links end");
            assertEquals(image.manifest().layout().blobBytes(), seed.sentBytes());
            assertEquals(0, seed.refusedLinks());
        }
        Progress last = heard.get(heard.size() - 1);
        assertEquals(last.chunks(), heard.size());
        assertEquals(last.chunks(), last.goodChunks());
        assertEquals(last.blobBytes(), last.goodBytes());
        assertEquals(0, last.resentChunks());
    }

    @Test
    void aMappedFileIsServedAsMemoryIs() {
        Path file = dir.resolve("weights.safetensors");
        ImageFile.write(Samples.image(22), file);
        TensorImage image = ImageFile.open(file, Samples.KEY);
        try (Seed seed = Fleet.seed(image)) {
            Fleet.assertSame(image, Fleet.join(2, seed));
        }
    }

    @ParameterizedTest
    @EnumSource(FanOut.class)
    void threeJoinersGetTheImageAtOnce(FanOut fanOut) throws Exception {
        TensorImage image = Samples.image(23);
        ExecutorService threads = Fleet.threads();
        List<PartialImage> parts = new ArrayList<>();
        List<Seed> relays = new ArrayList<>();
        try (Seed seed = Fleet.seed(image)) {
            for (int i = 0; i < 3; i++) {
                parts.add(Fleet.empty());
                relays.add(Fleet.seed(parts.get(i)));
            }
            List<InetSocketAddress> addresses = relays.stream().map(Seed::address).toList();
            List<Future<TensorImage>> copies = new ArrayList<>();
            for (int i = 2; i >= 0; i--) { // the last of the chain first: it waits for the others
                List<InetSocketAddress> seeds = fanOut.seedsOf(i, seed.address(), addresses);
                PartialImage part = parts.get(i);
                copies.add(
                        threads.submit(
                                () ->
                                        new ImageClone(
                                                        Fleet.KEY,
                                                        part,
                                                        2,
                                                        Fleet.LIMITS,
                                                        CloneListener.NONE)
                                                .run(seeds, Wanted.any())));
            }
            for (Future<TensorImage> copy : copies) {
                Fleet.assertSame(image, Fleet.get(copy));
            }
            long blobBytes = image.manifest().layout().blobBytes();
            int fromSeed = fanOut == FanOut.STAR ? 3 : 1;
            Fleet.await(() -> seed.links() == 0, "links end");
            assertEquals(fromSeed * blobBytes, seed.sentBytes());
        } finally {
            relays.forEach(Seed::close);
            threads.shutdownNow();
        }
    }

    /** The joiner at the end is served while the one before it still lacks chunks. */
    @Test
    void aJoinerRelaysBeforeItIsComplete() throws Exception {
        TensorImage image = Samples.image(24);
        int half = image.manifest().chunks().count() / 2;
        CountDownLatch relayed = new CountDownLatch(1);
        ImageSource halting =
                new ImageSource() {
                    @Override
                    public ImageManifest awaitManifest(Duration most) {
                        return image.manifest();
                    }

                    @Override
                    public ByteBuffer awaitChunk(int index, Duration most) {
                        if (index >= half) {
                            awaitRelay(relayed);
                        }
                        return image.chunk(index);
                    }
                };
        CloneListener last =
                new CloneListener() {
                    @Override
                    public void progressed(Progress progress) {
                        if (progress.goodChunks() == half) {
                            relayed.countDown();
                        }
                    }
                };
        ExecutorService threads = Fleet.threads();
        PartialImage middle = Fleet.empty();
        try (Seed seed = Fleet.seed(halting);
                Seed relay = Fleet.seed(middle)) {
            Future<TensorImage> first =
                    threads.submit(() -> Fleet.join(middle, 1, CloneListener.NONE, seed));
            Future<TensorImage> second =
                    threads.submit(() -> Fleet.join(Fleet.empty(), 1, last, relay));
            Fleet.assertSame(image, Fleet.get(first));
            Fleet.assertSame(image, Fleet.get(second));
        } finally {
            threads.shutdownNow();
        }
    }

    private static void awaitRelay(CountDownLatch relayed) {
        try {
            assertTrue(relayed.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aJoinerMayAskForTheVeryImage() {
        TensorImage image = Fleet.small(25);
        try (Seed seed = Fleet.seed(image);
                ImageClone clone =
                        new ImageClone(
                                Fleet.KEY, Fleet.empty(), 1, Fleet.LIMITS, CloneListener.NONE)) {
            Wanted wanted = new Wanted(Samples.KEY, image.manifest().hash());
            Fleet.assertSame(image, clone.run(Fleet.addresses(seed), wanted));
        }
    }

    @Test
    void chainsBeginWithTheSecondReceiver() {
        assertEquals(FanOut.STAR, FanOut.choose(1));
        assertEquals(FanOut.CHAIN, FanOut.choose(2));
        InetSocketAddress seed = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        List<InetSocketAddress> receivers =
                List.of(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 2),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 3),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 4));
        assertEquals(
                List.of(receivers.get(1), receivers.get(0), seed),
                FanOut.CHAIN.seedsOf(2, seed, receivers));
        assertEquals(List.of(seed), FanOut.CHAIN.seedsOf(0, seed, receivers));
        assertEquals(List.of(seed), FanOut.STAR.seedsOf(2, seed, receivers));
    }
}
