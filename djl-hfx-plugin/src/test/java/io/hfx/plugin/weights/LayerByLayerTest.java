package io.hfx.plugin.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.TransferException.Fault;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.HostPort;
import io.hfx.plugin.config.WeightSettings;
import io.hfx.plugin.weights.WeightStatus.Phase;
import io.hfx.plugin.weights.WeightStatus.View;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine starts, and runs its first layers, while the weights of later ones still come. */
@Timeout(120)
class LayerByLayerTest {
    private static final long WITHIN_NANOS = 60_000_000_000L;

    @TempDir static Path folder;

    private static Path checkpoint;
    private static Seeds seeds;

    private final WeightStatus status = new WeightStatus();

    @BeforeAll
    static void open() throws Exception {
        checkpoint = folder.resolve("model");
        SampleModel.create(SampleModel.Size.MICRO, checkpoint, 1);
        seeds = new Seeds(checkpoint, Seeds.key(folder.resolve("worker.key")));
        String last = seeds.firstOfTheLastChunk();
        assertFalse(
                last.contains("embed") || last.contains("layers.0."),
                "no layer comes before the last chunk: " + last);
    }

    @AfterAll
    static void close() {
        seeds.close();
    }

    private LoadedWeights load(HostPort... from) {
        WeightSettings settings = seeds.joiner(from);
        ModelConfig config = ModelConfig.read(checkpoint);
        return WeightLoader.load(checkpoint, config, 1, OrtOptions.of(2, 64), settings, status);
    }

    /**
     * On a seed's thread: until the joiner's self-test waits for what only the last chunk brings.
     */
    private View awaitTheFirstLayers() {
        long untilNanos = System.nanoTime() + WITHIN_NANOS;
        while (true) {
            View view = status.view();
            if (view.transfer() != null
                    && seeds.firstOfTheLastChunk().equals(view.transfer().awaited())) {
                return view;
            }
            if (System.nanoTime() > untilNanos || Thread.currentThread().isInterrupted()) {
                throw new TransferException(Fault.NOT_READY, "no layer ran: " + view);
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private static void assertNothingPulls() {
        List<String> pulling =
                Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(name -> name.startsWith("hfx-clone"))
                        .toList();
        assertEquals(List.of(), pulling);
    }

    @Test
    void theFirstLayersRunBeforeTheLastChunkComesAndNothingServesMeanwhile() {
        AtomicReference<View> meanwhile = new AtomicReference<>();
        HostPort seed = seeds.lastChunkAfter(() -> meanwhile.set(awaitTheFirstLayers()));
        try (LoadedWeights loaded = load(seed);
                OrtExecutor executor = loaded.executor()) {
            assertEquals(List.of(), status.view().fallBacks());
            View then = meanwhile.get();
            assertNull(then.held());
            assertTrue(then.transfer().goodBytes() < then.transfer().totalBytes());
            assertTrue(then.phaseNanos().containsKey(Phase.WARM_UP), "the engine was made");
            assertFalse(then.phaseNanos().containsKey(Phase.WEIGHTS), "all weights were there");
            assertTrue(status.view().phaseNanos().get(Phase.WEIGHTS) > 0);
            assertNull(status.view().transfer());
            assertEquals(Optional.empty(), seeds.card.selfTest().mismatch(executor));
        }
        assertNothingPulls();
    }

    @Test
    void aSeedThatDiesDuringTheSelfTestIsReplacedByTheNext() {
        HostPort dying =
                seeds.lastChunkAfter(
                        () -> {
                            awaitTheFirstLayers();
                            throw new TransferException(Fault.NOT_READY, "it died");
                        });
        long before = seeds.sentBytes();
        try (LoadedWeights loaded = load(dying, seeds.good());
                OrtExecutor executor = loaded.executor()) {
            List<String> why = status.view().fallBacks();
            assertEquals(1, why.size(), why.toString());
            assertTrue(
                    why.get(0).startsWith("tcp from " + dying + ": " + seeds.firstOfTheLastChunk()),
                    why.toString());
            assertTrue(why.get(0).contains("it died"), why.toString());
            assertEquals("tcp", status.view().held().source().text());
            assertEquals(
                    seeds.image.manifest().layout().blobBytes(),
                    seeds.sentBytes() - before,
                    "bytes sent by both");
            assertEquals(Optional.empty(), seeds.card.selfTest().mismatch(executor));
        }
        assertNothingPulls();
    }

    @Test
    void anInterruptEndsTheTransferAndTheStart() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        HostPort seed =
                seeds.lastChunkAfter(
                        () -> {
                            awaitTheFirstLayers();
                            waits.countDown();
                            while (!Thread.currentThread().isInterrupted()) {
                                LockSupport.park(); // until the seed is closed
                            }
                        });
        CompletableFuture<RuntimeException> end = new CompletableFuture<>();
        Thread loading =
                new Thread(
                        () -> end.complete(assertThrows(RuntimeException.class, () -> load(seed))));
        loading.start();
        assertTrue(waits.await(WITHIN_NANOS, TimeUnit.NANOSECONDS), status.view().toString());
        loading.interrupt();
        assertTrue(
                end.get(WITHIN_NANOS, TimeUnit.NANOSECONDS).getMessage().contains("interrupted"));
        loading.join();
        assertNothingPulls();
        assertNull(status.view().held());
    }

    /** One was made with the engine; a close takes it back. */
    @Test
    void eachWorkerHasAnExecutorOfItsOwn() {
        LoadedWeights loaded = load(seeds.good());
        OrtExecutor first = loaded.executor();
        OrtExecutor second = loaded.executor();
        assertNotSame(first, second);
        first.close();
        second.close();
        loaded.close();
        LoadedWeights unused = load(seeds.good());
        unused.close();
        assertThrows(IllegalStateException.class, unused::executor);
    }
}
