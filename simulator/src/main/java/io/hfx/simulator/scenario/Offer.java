package io.hfx.simulator.scenario;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.profile.Profile;
import io.hfx.simulator.traffic.Traffic;
import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.ClassMix;
import io.hfx.simulator.workload.LengthFit;
import io.hfx.simulator.workload.Streams;
import io.hfx.simulator.workload.Trace;
import io.hfx.simulator.workload.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The requests of a scenario, at any rate. Immutable; serves any number of runs. */
final class Offer {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long LENGTHS_PREDICTED = 0x9E3779B97F4A7C15L;

    private final Load load;
    private final Traffic traffic;
    private final LengthFit fit;
    private final @Nullable Workload trace;

    /**
     * @param data folder of traces, or null where there is none
     * @throws ScenarioException if the scenario needs a trace that is not there, or a class that no
     *     one defines
     */
    Offer(Scenario scenario, Profile profile, @Nullable Path data) {
        this.load = scenario.load();
        Map<String, SloClass> classes = scenario.slo().resolve(profile);
        requireClasses(load, classes.keySet());
        this.traffic = new Traffic(classes, load.maxTokens(), load.predictor());
        int context =
                load.contextTokens() > 0 ? load.contextTokens() : profile.kv().maxSequenceTokens();
        this.fit = new LengthFit(load.lengthScale(), context);
        Load.TraceSource source = load.trace();
        this.trace = source == null ? null : read(source, scenario.name(), data);
    }

    /** Requests that arrive in so many seconds, at this mean rate. */
    Iterator<SimRequest> requests(double perSecond, double seconds, long seed) {
        Iterator<Arrival> arrivals =
                trace == null
                        ? new MixedArrivals(load, perSecond, seed)
                        : window(trace, perSecond, seconds, seed).arrivals().iterator();
        long endNanos = (long) (seconds * NANOS_PER_SECOND);
        Iterator<Arrival> fitted = Streams.map(fit::apply, Streams.until(endNanos, arrivals));
        return allowed(traffic.of(fitted, seed ^ LENGTHS_PREDICTED));
    }

    /** No client may ask for more than the context holds: the server would refuse it. */
    private Iterator<SimRequest> allowed(Iterator<SimRequest> requests) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return requests.hasNext();
            }

            @Override
            public SimRequest next() {
                SimRequest request = requests.next();
                RequestSpec r = request.spec();
                int most = Math.min(r.maxTokens(), fit.contextTokens() - r.promptTokens(0));
                RequestSpec spec =
                        new RequestSpec(
                                r.id(),
                                r.sloClass(),
                                r.priority(),
                                r.promptTokens(),
                                r.choices(),
                                most,
                                Math.min(most, r.expectedTokens()));
                return new SimRequest(request.arrivalNanos(), spec, request.outputTokens());
            }
        };
    }

    /** A part of the trace that starts where the seed says and goes round. */
    private Workload window(Workload all, double perSecond, double seconds, long seed) {
        int n = all.arrivals().size();
        int count = (int) Math.max(1, Math.min(n, Math.round(perSecond * seconds)));
        int start = new SplittableRandom(seed).nextInt(n);
        long startNanos = all.arrivals().get(start).atNanos();
        List<Arrival> part = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Arrival a = all.arrivals().get((start + i) % n);
            long roundNanos = start + i < n ? 0 : all.windowNanos();
            part.add(
                    new Arrival(
                            a.atNanos() - startNanos + roundNanos,
                            a.sloClass(),
                            a.promptTokens(),
                            a.outputTokens()));
        }
        long lastNanos = part.get(count - 1).atNanos();
        Workload taken =
                new Workload(
                        all.name(),
                        part,
                        lastNanos + Math.max(1, lastNanos / Math.max(1, count - 1)),
                        0,
                        0);
        Load.TraceSource source = load.trace();
        Map<String, Double> shares = source == null ? Map.of() : source.classes();
        return taken.atRate(perSecond).assigned(new ClassMix(shares), seed);
    }

    private static Workload read(Load.TraceSource source, String name, @Nullable Path data) {
        if (data == null) {
            throw new ScenarioException(
                    "scenario "
                            + name
                            + " replays "
                            + source.file()
                            + ": name the folder of traces with --data or HFX_DATA");
        }
        Path file = data.resolve(source.file());
        if (!Files.isRegularFile(file)) {
            throw new ScenarioException(
                    "scenario " + name + " needs " + source.file() + ", which is not in " + data);
        }
        return Trace.read(file, 1);
    }

    private static void requireClasses(Load load, Set<String> known) {
        Set<String> missing = new TreeSet<>();
        load.mix().forEach(part -> missing.add(part.sloClass()));
        Load.TraceSource source = load.trace();
        if (source != null) {
            missing.addAll(source.classes().keySet());
        }
        missing.removeAll(known);
        if (!missing.isEmpty()) {
            throw new ScenarioException(
                    "load uses classes " + missing + " that slo does not define: " + known);
        }
    }
}
