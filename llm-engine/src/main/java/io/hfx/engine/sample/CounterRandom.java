package io.hfx.engine.sample;

/**
 * Random numbers that are a function of (key, index), in integer and exact floating-point
 * arithmetic only: the same on every machine and in every order. The mixing is that of SplitMix64
 * (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
 */
record CounterRandom(long key) {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    /** Standard deviation of the sum of four uniform numbers from 0 to 65535. */
    private static final double SUM_DEVIATION = StrictMath.sqrt((65536.0 * 65536.0 - 1) / 3);

    static CounterRandom of(long seed, long stream) {
        return new CounterRandom(mix(mix(seed + GOLDEN) + stream * GOLDEN));
    }

    long bits(long index) {
        return mix(key + (index + 1) * GOLDEN);
    }

    /** About normal with mean 0 and deviation 1: four uniform numbers added; at most 3.47. */
    double normal(long index) {
        long bits = bits(index);
        long sum =
                (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
        return (sum - 2 * 65535) / SUM_DEVIATION;
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
