package io.hfx.simulator.scenario;

import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.ClassMix;
import io.hfx.simulator.workload.Trace;
import io.hfx.simulator.workload.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;

/** A recorded trace, from the place that the seed names, and round; its time is stretched. */
final class TraceArrivals implements Source {
    private final Workload trace;
    private final ClassMix classes;

    TraceArrivals(Load.TraceSource source, Path file) {
        this.trace = Trace.read(file, 1);
        this.classes = new ClassMix(source.classes());
    }

    @Override
    public Iterator<Arrival> arrivals(double perSecond, double seconds, long seed) {
        int n = trace.arrivals().size();
        int count = (int) Math.max(1, Math.min(n, Math.round(perSecond * seconds)));
        int start = new SplittableRandom(seed).nextInt(n);
        long startNanos = trace.arrivals().get(start).atNanos();
        List<Arrival> part = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Arrival a = trace.arrivals().get((start + i) % n);
            long roundNanos = start + i < n ? 0 : trace.windowNanos();
            part.add(a.at(a.atNanos() - startNanos + roundNanos));
        }
        long lastNanos = part.get(count - 1).atNanos();
        long windowNanos = lastNanos + Math.max(1, lastNanos / Math.max(1, count - 1));
        return new Workload(trace.name(), part, windowNanos, 0, 0)
                .atRate(perSecond)
                .assigned(classes, seed)
                .arrivals()
                .iterator();
    }
}
