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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The requests of a scenario, at any rate. Immutable; serves any number of runs. */
final class Offer {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int TYPICAL_OF = 2_001;
    private static final long TENANTS = 0x1B873593CC9E2D51L;
    private static final long LENGTHS_PREDICTED = 0x9E3779B97F4A7C15L;

    private final Load load;
    private final Traffic traffic;
    private final LengthFit fit;
    private final Source source;

    /**
     * @param data folder of traces, or null where there is none
     * @throws ScenarioException if the scenario needs a trace that is not there, or a class that no
     *     one defines
     */
    Offer(Scenario scenario, Profile profile, @Nullable Path data) {
        this.load = scenario.load();
        this.source = Source.of(load, scenario.name(), data);
        Map<String, SloClass> classes = scenario.slo().resolve(profile, this::typicalPrompts);
        requireClasses(load, classes.keySet());
        this.traffic = new Traffic(classes, load.maxTokens(), load.predictor());
        int context =
                load.contextTokens() > 0 ? load.contextTokens() : profile.kv().maxSequenceTokens();
        this.fit = new LengthFit(load.lengthScale(), context);
    }

    /** Median prompt of each class, in tokens. */
    private Map<String, Integer> typicalPrompts() {
        Map<String, List<Integer>> prompts = new TreeMap<>();
        Iterator<Arrival> some = source.arrivals(1, TYPICAL_OF, 0);
        for (int i = 0; i < TYPICAL_OF && some.hasNext(); i++) {
            Arrival arrival = some.next();
            prompts.computeIfAbsent(arrival.sloClass(), c -> new ArrayList<>())
                    .add(arrival.promptTokens());
        }
        Map<String, Integer> typical = new TreeMap<>();
        prompts.forEach(
                (name, tokens) -> {
                    Collections.sort(tokens);
                    typical.put(name, tokens.get(tokens.size() / 2));
                });
        return typical;
    }

    /** Requests that arrive in so many seconds, at this mean rate. */
    Iterator<SimRequest> requests(double perSecond, double seconds, long seed) {
        Iterator<Arrival> arrivals = source.arrivals(perSecond, seconds, seed);
        if (!load.tenants().isEmpty()) {
            arrivals = new ClassMix(load.tenants()).tenants(arrivals, seed ^ TENANTS);
        }
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
                return request.asking(r.withOutput(most, Math.min(most, r.expectedTokens())));
            }
        };
    }

    private static void requireClasses(Load load, Set<String> known) {
        Set<String> missing = new TreeSet<>(load.sloClasses());
        missing.removeAll(known);
        if (!missing.isEmpty()) {
            throw new ScenarioException(
                    "load uses classes " + missing + " that slo does not define: " + known);
        }
    }
}
