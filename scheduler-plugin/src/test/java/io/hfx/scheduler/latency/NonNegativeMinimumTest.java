package io.hfx.scheduler.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NonNegativeMinimumTest {
    private static final int N = 7;

    /** A sum of outer products and a little on the diagonal, as the fit has it. */
    private static double[][] matrix(SplittableRandom random, int terms) {
        double[][] h = new double[N][N];
        for (int t = 0; t < terms; t++) {
            double[] f = random.doubles(N, 0, 3).toArray();
            for (int i = 0; i < N; i++) {
                for (int j = 0; j < N; j++) {
                    h[i][j] += f[i] * f[j];
                }
            }
        }
        for (int i = 0; i < N; i++) {
            h[i][i] += 1e-3;
        }
        return h;
    }

    /** Whether nothing is to be gained: no slope above 0, no way down at 0. */
    private static void assertMinimum(double[][] h, double[] g, double[] x, String message) {
        for (int i = 0; i < N; i++) {
            double slope = -g[i];
            double size = Math.abs(g[i]);
            for (int j = 0; j < N; j++) {
                slope += h[i][j] * x[j];
                size += Math.abs(h[i][j] * x[j]);
            }
            assertTrue(x[i] >= 0, message);
            assertTrue(slope >= -1e-7 * size, message + ": down at " + i + " by " + slope);
            assertTrue(x[i] == 0 || slope <= 1e-7 * size, message + ": up at " + i + " " + slope);
        }
    }

    @Test
    void findsTheMinimumWhereverItStarts() {
        for (long seed = 1; seed <= 300; seed++) {
            findsTheMinimum(seed);
        }
    }

    private static void findsTheMinimum(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        NonNegativeMinimum minimum = new NonNegativeMinimum(N);
        double[] x = random.doubles(N, 0, 5).toArray();
        for (int i = 0; i < 20; i++) {
            double[][] h = matrix(random, 1 + random.nextInt(12));
            double[] g = random.doubles(N, -4, 8).toArray();
            minimum.find(h, g, x);
            assertMinimum(h, g, x, "seed " + seed + ", call " + i);
        }
    }

    @Test
    void staysFiniteWhereColumnsAreTheSame() {
        double[][] h = new double[N][N];
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                h[i][j] = 1;
            }
        }
        double[] g = {1, 1, 1, 1, 1, 1, 1};
        double[] x = new double[N];
        new NonNegativeMinimum(N).find(h, g, x);
        double sum = 0;
        for (double each : x) {
            assertTrue(each >= 0 && Double.isFinite(each), "was " + each);
            sum += each;
        }
        assertEquals(1, sum, 1e-3);
    }
}
