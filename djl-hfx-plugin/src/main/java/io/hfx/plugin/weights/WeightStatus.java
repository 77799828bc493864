package io.hfx.plugin.weights;

import io.hfx.plugin.config.HostPort;
import io.hfx.plugin.config.WeightSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How one model got its weights, how long each phase of its start took, and who takes them from it.
 * One thread loads and times; any thread may look.
 */
public final class WeightStatus {
    /** What a start is made of, in this order, and the whole of it. */
    public enum Phase {
        /** From the start of the JVM until the model begins to load. */
        PROCESS,
        /** Finding a seed, proving the key, agreeing on the image. */
        LINK,
        /** Memory for the weights, its pages touched. */
        ALLOCATE,
        /**
         * Until the weights are there, their checksums compared; the next two may begin meanwhile.
         */
        WEIGHTS,
        /** The greedy self-test; waiting for weights left out. */
        SELF_TEST,
        /** Sessions, memory for KV, and calibration of the first workers. */
        WARM_UP,
        /** From the start of the JVM, or of the model where it is one of many, until it serves. */
        READY;

        /** As JSON and labels name it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Weights that are there.
     *
     * @param seed they came from; null for the disk
     * @param bytes of memory that they take; attached ones share it with the seed
     */
    public record Held(
            WeightSource source, @Nullable HostPort seed, String modelHash, long bytes) {}

    /**
     * Weights that are coming.
     *
     * @param bytesPerSecond mean since the transfer began
     * @param awaited tensor that the self-test waits for; null while it waits for none
     */
    public record Transfer(
            WeightSource source,
            HostPort seed,
            long goodBytes,
            long totalBytes,
            double bytesPerSecond,
            @Nullable String awaited) {
        private Transfer came(long bytes, double seconds) {
            return new Transfer(source, seed, bytes, totalBytes, bytes / seconds, awaited);
        }

        private Transfer awaiting(@Nullable String tensor) {
            return new Transfer(source, seed, goodBytes, totalBytes, bytesPerSecond, tensor);
        }
    }

    /**
     * What this server gives away.
     *
     * @param address where joiners find it
     * @param attachable whether processes of this host can attach to the memory
     * @param links that pull over TCP now
     * @param attached processes that share the memory now
     * @param sentBytes over TCP, since it began
     * @param refusedLinks that ended by a refusal or a failure
     * @param throttling null where the server's own steps are not looked at
     */
    public record Seeding(
            HostPort address,
            boolean attachable,
            int links,
            int attached,
            long sentBytes,
            long refusedLinks,
            @Nullable Throttling throttling) {}

    /**
     * How far giving away hurts the server's own steps.
     *
     * @param tolerated mean time of a step to its time unhurt, above 1
     * @param slowdown the same as it was measured last while weights moved; 1 before
     * @param allowedBytesPerSecond over TCP now; null for no limit
     * @param cuts how often the rate fell
     */
    public record Throttling(
            double tolerated, double slowdown, @Nullable Long allowedBytesPerSecond, long cuts) {}

    /**
     * All of it at one time.
     *
     * @param fallBacks why sources were given up, in order
     * @param phaseNanos sums over all attempts; a phase that did not occur is left out. Weights may
     *     come while the self-test and the warm-up run
     * @param packed whether the workers run on packed copies of the matrices besides
     * @param sendingBytesPerSecond over TCP, between the last two looks at least a second apart
     */
    public record View(
            @Nullable Held held,
            @Nullable Transfer transfer,
            @Nullable Seeding seeding,
            List<String> fallBacks,
            Map<Phase, Long> phaseNanos,
            boolean packed,
            double sendingBytesPerSecond) {}

    private static final long RATE_WINDOW_NANOS = 1_000_000_000;

    private final Map<Phase, Long> phaseNanos = new EnumMap<>(Phase.class);
    private final List<String> fallBacks = new ArrayList<>();
    private @Nullable Held held;
    private @Nullable Transfer transfer;
    private long transferStartNanos;
    private @Nullable Supplier<Seeding> seeding;
    private BooleanSupplier packed = () -> false;
    private long nestedNanos;
    private long beginNanos;
    private long lookedNanos = System.nanoTime();
    private long lookedBytes;
    private double sendingBytesPerSecond;

    /** Runs a phase; one inside it counts for itself only. On the loading thread. */
    public <T> T time(Phase phase, Supplier<T> work) {
        long outerNanos = nestedNanos;
        nestedNanos = 0;
        long startNanos = System.nanoTime();
        try {
            return work.get();
        } finally {
            long nanos = System.nanoTime() - startNanos;
            add(phase, nanos - nestedNanos);
            nestedNanos = outerNanos + nanos;
        }
    }

    /** Waits within a phase for weights, which that phase does not count. On the loading thread. */
    void await(String tensor, Runnable wait) {
        long startNanos = System.nanoTime();
        awaits(tensor);
        try {
            wait.run();
        } finally {
            awaits(null);
            nestedNanos += System.nanoTime() - startNanos;
        }
    }

    private synchronized void awaits(@Nullable String tensor) {
        Transfer now = transfer;
        transfer = now == null ? null : now.awaiting(tensor);
    }

    /** The model begins to load. */
    public synchronized void begins() {
        beginNanos = System.nanoTime();
    }

    /** The model serves. */
    public synchronized void ready() {
        long processNanos = phaseNanos.getOrDefault(Phase.PROCESS, 0L);
        add(Phase.READY, processNanos + System.nanoTime() - beginNanos);
    }

    /** Counts time that was measured elsewhere. Any thread. */
    public synchronized void add(Phase phase, long nanos) {
        phaseNanos.merge(phase, nanos, Long::sum);
    }

    /** A source gave nothing, or nothing good. */
    synchronized void fellBack(String why) {
        fallBacks.add(why);
        transfer = null;
    }

    synchronized void coming(WeightSource source, HostPort seed, long totalBytes) {
        transferStartNanos = System.nanoTime();
        transfer = new Transfer(source, seed, 0, totalBytes, 0, null);
    }

    /** Returns how the transfer stands now. */
    synchronized @Nullable Transfer came(long goodBytes) {
        Transfer now = transfer;
        if (now != null) {
            double seconds = Math.max(1e-9, (System.nanoTime() - transferStartNanos) / 1e9);
            transfer = now.came(goodBytes, seconds);
        }
        return transfer;
    }

    synchronized void holds(Held weights, BooleanSupplier whetherPacked) {
        held = weights;
        packed = whetherPacked;
        transfer = null;
    }

    synchronized void seeds(@Nullable Supplier<Seeding> figures) {
        seeding = figures;
    }

    /** The model is gone. */
    synchronized void gone() {
        held = null;
        packed = () -> false;
        seeding = null;
    }

    /** All of it, now. */
    public View view() {
        Supplier<Seeding> figures;
        synchronized (this) {
            figures = seeding;
        }
        Seeding now = figures == null ? null : figures.get();
        synchronized (this) {
            measure(now == null ? 0 : now.sentBytes());
            return new View(
                    held,
                    transfer,
                    now,
                    List.copyOf(fallBacks),
                    Map.copyOf(phaseNanos),
                    packed.getAsBoolean(),
                    sendingBytesPerSecond);
        }
    }

    private void measure(long sentBytes) {
        long nanos = System.nanoTime() - lookedNanos;
        if (nanos >= RATE_WINDOW_NANOS) {
            sendingBytesPerSecond = Math.max(0, sentBytes - lookedBytes) * 1e9 / nanos;
            lookedNanos += nanos;
            lookedBytes = sentBytes;
        }
    }
}
