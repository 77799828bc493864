package io.hfx.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A request of an open loop.
 *
 * @param atNanos when it is to be sent, from the start of the run
 * @param kind index of its kind
 */
public record Due(long atNanos, int kind) {
    /**
     * A Poisson process.
     *
     * @param perSecond mean rate
     * @param shares of the kinds; they add up to 1
     * @return in order of time; the same for the same arguments. The n-th request is of the same
     *     kind at every rate.
     */
    public static List<Due> poisson(
            double perSecond, double seconds, List<Double> shares, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Due> schedule = new ArrayList<>();
        double at = 0;
        while (true) {
            at += -Math.log(1 - random.nextDouble()) / perSecond;
            int kind = kind(random.nextDouble(), shares);
            if (at >= seconds) {
                return schedule;
            }
            schedule.add(new Due((long) (at * 1e9), kind));
        }
    }

    private static int kind(double draw, List<Double> shares) {
        double sum = 0;
        for (int i = 0; i < shares.size() - 1; i++) {
            sum += shares.get(i);
            if (draw < sum) {
                return i;
            }
        }
        return shares.size() - 1;
    }
}
