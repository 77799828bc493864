package io.hfx.benchmarks.clone;

import static java.lang.Double.NaN;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One way of an image, once.
 *
 * @param millis of each phase: {@code allocate} or {@code weights}; of the latter {@code attach}
 *     and {@code copy} are parts; {@code verify} comes after it
 * @param gbPerSecond bytes of the image over the time of {@code allocate} or {@code weights}, in
 *     10^9
 * @param storageMib what the system read from the disk for this process in these phases
 */
record Figure(
        int round, String path, double gbPerSecond, Map<String, Double> millis, double storageMib) {
    static final String ALLOCATE = "allocate";
    static final String ATTACH = "attach";
    static final String COPY = "copy";
    static final String WEIGHTS = "weights";
    static final String VERIFY = "verify";

    /** Time of the phase that the rate is of. */
    double mainMillis() {
        return millis.getOrDefault(WEIGHTS, millis.getOrDefault(ALLOCATE, NaN));
    }

    /** Time of the copy without what comes before it, where that is known. */
    double copyMillis() {
        return millis.getOrDefault(COPY, mainMillis());
    }

    /** Phases under way. */
    static final class Clock {
        private final Map<String, Double> millis = new LinkedHashMap<>();
        private long storageBytes;

        /** What takes the time. */
        interface Work {
            void run() throws Exception;
        }

        Clock time(String phase, Work work) throws Exception {
            long storedBefore = PageCache.storageBytes();
            long startNanos = System.nanoTime();
            work.run();
            millis.put(phase, (System.nanoTime() - startNanos) / 1e6);
            storageBytes += PageCache.storageBytes() - storedBefore;
            return this;
        }

        Figure figure(int round, String path, long bytes) {
            Figure figure = new Figure(round, path, NaN, millis, storageBytes / 1048576.0);
            double gbPerSecond = bytes / 1e6 / figure.mainMillis();
            return new Figure(round, path, gbPerSecond, millis, figure.storageMib);
        }
    }
}
