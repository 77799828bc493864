package io.hfx.simulator.workload;

import java.util.SplittableRandom;

/** Gamma variates of scale 1 by Marsaglia and Tsang, ACM TOMS 26(3), 2000. */
final class GammaVariate {
    private GammaVariate() {}

    static double draw(double shape, SplittableRandom random) {
        if (shape < 1) {
            double boost = Math.pow(1 - random.nextDouble(), 1 / shape);
            return boost * draw(shape + 1, random);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            double u = 1 - random.nextDouble();
            if (v > 0 && Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
