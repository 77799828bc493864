package io.hfx.simulator.scenario;

import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.ClassMix;
import io.hfx.simulator.workload.ServeGen;
import io.hfx.simulator.workload.Shape;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Clients of a ServeGen pool, in a part of the recording that the seed names, each client's rate
 * times the same factor; that part has the rate asked for.
 */
final class ServeGenArrivals implements Source {
    private static final long CLASSES = 0x2545F4914F6CDD1DL;

    private final Load.ServeGenSource source;
    private final ServeGen pool;
    private final @Nullable Shape others;

    ServeGenArrivals(Load.ServeGenSource source, Path folder) {
        this.source = source;
        this.pool = ServeGen.read(folder);
        this.others = source.others() == null ? null : Shape.named(source.others());
    }

    @Override
    public Iterator<Arrival> arrivals(double perSecond, double seconds, long seed) {
        double latest = Math.max(source.fromSeconds(), source.toSeconds() - seconds);
        double from =
                source.fromSeconds()
                        + new SplittableRandom(seed).nextDouble() * (latest - source.fromSeconds());
        double factor = perSecond / pool.meanPerSecond(from, from + seconds);
        if (!Double.isFinite(factor)) {
            throw new ScenarioException(
                    "load.serveGen: no client of "
                            + source.folder()
                            + " sends anything from second "
                            + Math.round(from));
        }
        Iterator<Arrival> clients = pool.stream(from, from + seconds, factor, others, seed);
        return new ClassMix(source.classes()).classes(clients, seed ^ CLASSES);
    }
}
