package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.BufferMemory;
import io.hfx.d2d.image.ElementType;
import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.image.TensorShape;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What the tests of this package share: keys, short limits, seeds and joins. */
final class Fleet {
    static final WorkerKey KEY = key("the fleet's own key");
    static final WorkerKey OTHER_KEY = key("some other fleet's key");

    /** Long enough for a loaded machine, short enough to fail a build. */
    static final Duration BOUND = Duration.ofSeconds(60);

    static final TransferLimits LIMITS =
            new TransferLimits(BOUND, BOUND, BOUND, BOUND, BOUND, BOUND);

    private Fleet() {}

    static WorkerKey key(String words) {
        return WorkerKey.of((words + ", of at least 32 bytes").getBytes(UTF_8));
    }

    /** An image of 2 MiB, for tests that need many. */
    static TensorImage small(long seed) {
        List<TensorShape> shapes =
                List.of(
                        Samples.shape("a", ElementType.F32, 300, 301),
                        Samples.shape("b", ElementType.F32, 400, 401));
        return Samples.image(Samples.KEY, shapes, seed);
    }

    static Seed seed(ImageSource source) {
        return Seed.open(KEY, source, SeedOptions.loopback().withLimits(LIMITS));
    }

    static Seed seed(TensorImage image) {
        return seed(ImageSource.of(image));
    }

    static PartialImage empty() {
        return new PartialImage(BufferMemory::direct);
    }

    static TensorImage join(PartialImage into, int links, CloneListener listener, Seed... seeds) {
        try (ImageClone clone = new ImageClone(KEY, into, links, LIMITS, listener)) {
            return clone.run(addresses(seeds), Wanted.of(Samples.KEY));
        }
    }

    static TensorImage join(int links, Seed... seeds) {
        return join(empty(), links, CloneListener.NONE, seeds);
    }

    static List<InetSocketAddress> addresses(Seed... seeds) {
        return java.util.Arrays.stream(seeds).map(Seed::address).toList();
    }

    static void assertSame(TensorImage expected, TensorImage found) {
        assertEquals(expected.manifest().hash(), found.manifest().hash());
        for (int i = 0; i < expected.manifest().chunks().count(); i++) {
            ByteBuffer chunk = found.chunk(i);
            assertEquals(-1, expected.chunk(i).mismatch(chunk), "chunk " + i);
        }
    }

    /** Waits for what another thread will bring about. */
    static void await(BooleanSupplier condition, String what) {
        Deadline deadline = Deadline.in(BOUND);
        while (!condition.getAsBoolean()) {
            assertTrue(!deadline.passed(), what);
            LockSupport.parkNanos(1_000_000);
        }
    }

    static ExecutorService threads() {
        return Executors.newCachedThreadPool(
                task -> {
                    Thread thread = new Thread(task);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    static <T> T get(Future<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(BOUND.toSeconds(), TimeUnit.SECONDS);
    }
}
