package io.hfx.scheduler.latency;

/**
 * Finds the least of {@code x'Hx/2 - g'x} over all {@code x} of 0 or more, where {@code H} is
 * symmetric and positive definite. An active set that is kept from one call to the next: as long as
 * the same entries are 0, a call costs one Cholesky decomposition (Lawson and Hanson, Solving Least
 * Squares Problems, chapter 23, on the normal equations).
 *
 * <p>Owned by one fit.
 */
final class NonNegativeMinimum {
    /** Relative to the two terms of a gradient: below it the gradient is rounding. */
    private static final double ROUNDING = 1e-10;

    /** Of a diagonal entry: what rounding leaves where two columns are almost the same. */
    private static final double LEAST_PIVOT = 1e-12;

    private final int n;
    private final int[] free;
    private final boolean[] bound;
    private final double[][] factor;
    private final double[] z;

    NonNegativeMinimum(int n) {
        this.n = n;
        this.free = new int[n];
        this.bound = new boolean[n];
        this.factor = new double[n][n];
        this.z = new double[n];
    }

    /**
     * Moves {@code x} to the minimum. It stays at 0 or above whatever the rounding; after {@code
     * 3n} changes of the active set it stays where it is.
     *
     * @param h the matrix; both triangles
     * @param x where to start, 0 or more each
     */
    void find(double[][] h, double[] g, double[] x) {
        for (int i = 0; i < n; i++) {
            if (bound[i]) {
                x[i] = 0;
            }
        }
        for (int round = 0; round <= 3 * n; round++) {
            int m = solveFree(h, g);
            if (!step(x, m) && !freeOne(h, g, x)) {
                return;
            }
        }
    }

    /** Minimum over the free entries, the others at 0, into {@code z}; returns how many. */
    private int solveFree(double[][] h, double[] g) {
        int m = 0;
        for (int i = 0; i < n; i++) {
            if (!bound[i]) {
                free[m++] = i;
            }
        }
        for (int r = 0; r < m; r++) {
            double[] row = factor[r];
            double[] from = h[free[r]];
            double y = g[free[r]];
            for (int c = 0; c <= r; c++) {
                double sum = from[free[c]];
                double[] other = factor[c];
                for (int k = 0; k < c; k++) {
                    sum -= row[k] * other[k];
                }
                row[c] =
                        c < r
                                ? sum / other[c]
                                : Math.sqrt(Math.max(sum, LEAST_PIVOT * from[free[r]]));
            }
            for (int k = 0; k < r; k++) {
                y -= row[k] * z[k];
            }
            z[r] = y / row[r];
        }
        for (int r = m - 1; r >= 0; r--) {
            double sum = z[r];
            for (int k = r + 1; k < m; k++) {
                sum -= factor[k][r] * z[k];
            }
            z[r] = sum / factor[r][r];
        }
        return m;
    }

    /**
     * Goes to {@code z}, or as far as no entry gets below 0; returns whether one got in the way.
     */
    private boolean step(double[] x, int m) {
        double share = 1;
        int first = -1;
        for (int r = 0; r < m; r++) {
            double from = x[free[r]];
            if (!(z[r] >= 0) && from / (from - z[r]) < share) {
                share = from / (from - z[r]);
                first = free[r];
            }
        }
        for (int r = 0; r < m; r++) {
            double from = x[free[r]];
            x[free[r]] = share == 1 ? z[r] : Math.max(0, from + share * (z[r] - from));
        }
        if (first < 0) {
            return false;
        }
        x[first] = 0;
        bound[first] = true;
        return true;
    }

    /** Frees the entry at 0 that gains most above it, in units of its own size, if any does. */
    private boolean freeOne(double[][] h, double[] g, double[] x) {
        int best = -1;
        double most = 0;
        for (int i = 0; i < n; i++) {
            if (bound[i]) {
                double pull = 0;
                for (int j = 0; j < n; j++) {
                    pull += h[i][j] * x[j];
                }
                double gain = (g[i] - pull) / Math.sqrt(h[i][i]);
                boolean real = g[i] - pull > ROUNDING * (Math.abs(g[i]) + Math.abs(pull));
                if (real && gain > most) {
                    most = gain;
                    best = i;
                }
            }
        }
        if (best < 0) {
            return false;
        }
        bound[best] = false;
        return true;
    }
}
