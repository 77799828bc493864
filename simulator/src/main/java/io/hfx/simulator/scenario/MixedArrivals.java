package io.hfx.simulator.scenario;

import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.ArrivalProcess;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * Requests of a mix, without end: one arrival process for all, the kind of each drawn by the shares
 * of the moment. Times, kinds and lengths come from streams of their own, so that the n-th request
 * is the same at every rate as long as the shares are.
 */
final class MixedArrivals implements Iterator<Arrival> {
    private static final long KINDS = 0x5DEECE66DL;

    private final List<Load.Part> mix;
    private final List<Iterator<Arrival>> lengths = new ArrayList<>();
    private final LongSupplier times;
    private final SplittableRandom kinds;
    private final long flipNanos;

    MixedArrivals(Load load, double perSecond, long seed) {
        this.mix = load.mix();
        this.times = ArrivalProcess.parse(load.arrivals()).arrivals(perSecond, seed);
        this.kinds = new SplittableRandom(seed ^ KINDS);
        Double flip = load.flipAtSeconds();
        this.flipNanos = flip == null ? Long.MAX_VALUE : Math.round(flip * 1e9);
        for (int i = 0; i < mix.size(); i++) {
            lengths.add(
                    mix.get(i).lengths().stream(
                            new ArrivalProcess.Poisson(), 1, seed + 1_000_003L * (i + 1)));
        }
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public Arrival next() {
        long atNanos = times.getAsLong();
        int kind = draw(atNanos >= flipNanos);
        Arrival sized = lengths.get(kind).next();
        return new Arrival(
                atNanos, mix.get(kind).sloClass(), sized.promptTokens(), sized.outputTokens());
    }

    private int draw(boolean flipped) {
        double total = mix.stream().mapToDouble(p -> share(p, flipped)).sum();
        double left = kinds.nextDouble() * total;
        int kind = 0;
        while (kind < mix.size() - 1 && left >= share(mix.get(kind), flipped)) {
            left -= share(mix.get(kind++), flipped);
        }
        return kind;
    }

    private static double share(Load.Part part, boolean flipped) {
        Double after = part.shareAfter();
        return flipped && after != null ? after : part.share();
    }
}
