package io.hfx.simulator.workload;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Workloads whose mix changes while they run. */
public final class Mixes {
    /** So long that nothing comes after it, in seconds. */
    private static final double EVER_SECONDS = 1e12;

    private Mixes() {}

    /**
     * Two shapes that change places: the first has its share before the flip, and what the second
     * had after it. Poisson arrivals at a steady rate in all.
     *
     * @param share of the first shape before the flip, above 0 and below 1
     * @param atSeconds when they flip
     */
    public static Iterator<Arrival> flip(
            Shape first,
            Shape second,
            double share,
            double atSeconds,
            double perSecond,
            long seed) {
        if (!(share > 0 && share < 1) || !(atSeconds >= 0)) {
            throw new WorkloadException(
                    "flip: the share must be above 0 and below 1 and the time at least 0, were "
                            + share
                            + " and "
                            + atSeconds);
        }
        double other = 1 - share;
        return Streams.merge(
                List.of(
                        first.stream(
                                new ArrivalProcess.Burst(other / share, atSeconds, EVER_SECONDS),
                                share * perSecond,
                                seed),
                        second.stream(
                                new ArrivalProcess.Burst(share / other, atSeconds, EVER_SECONDS),
                                other * perSecond,
                                ~seed)));
    }

    /**
     * Shapes with equal shares that peak one after the other, as in AdaServe (arXiv 2501.12162):
     * each follows a sine, shifted by its part of the period.
     *
     * @param amplitude share by which each rate rises and falls, 0 to 1
     */
    public static Iterator<Arrival> phasedPeaks(
            List<Shape> shapes,
            double amplitude,
            double periodSeconds,
            double perSecond,
            long seed) {
        List<Iterator<Arrival>> streams = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            double phase = (double) i / shapes.size();
            streams.add(
                    shapes.get(i).stream(
                            new ArrivalProcess.Diurnal(amplitude, periodSeconds, phase),
                            perSecond / shapes.size(),
                            seed + i));
        }
        return Streams.merge(streams);
    }
}
