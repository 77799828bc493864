package io.hfx.engine.sampling;

/** Random numbers that are a function of what they are for: none is spent by another's draw. */
final class CounterDraw {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private CounterDraw() {}

    /** From 0 to below 1, by the mixing of SplitMix64 over the three numbers in turn. */
    static double uniform(long seed, int choice, int position) {
        long bits = mix(mix(mix(seed + GOLDEN) + choice * GOLDEN) + position * GOLDEN);
        return (bits >>> 11) * 0x1p-53;
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
