package io.hfx.simulator.traffic;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.WorkloadException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Makes requests of arrivals as they come; each is one sequence.
 *
 * @param classes by the names that the arrivals carry
 * @param maxTokens what clients allow as output; a longer output is allowed what it needs. 0 for
 *     exactly the output: then the limit tells the scheduler the length
 * @param prediction what the scheduler is told of the length besides
 */
public record Traffic(Map<String, SloClass> classes, int maxTokens, OutputPrediction prediction) {
    public Traffic {
        classes = Map.copyOf(classes);
        if (maxTokens < 0) {
            throw new IllegalArgumentException("maxTokens must be at least 0, was " + maxTokens);
        }
    }

    /** Requests numbered from 0. */
    public Iterator<SimRequest> of(Iterator<Arrival> arrivals, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new Iterator<>() {
            private long id;

            @Override
            public boolean hasNext() {
                return arrivals.hasNext();
            }

            @Override
            public SimRequest next() {
                return request(id++, arrivals.next(), random);
            }
        };
    }

    private SimRequest request(long id, Arrival arrival, SplittableRandom random) {
        SloClass sloClass = classes.get(arrival.sloClass());
        if (sloClass == null) {
            throw new WorkloadException(
                    "no SLO class " + arrival.sloClass() + " among " + classes.keySet());
        }
        int most = Math.max(maxTokens, arrival.outputTokens());
        RequestSpec spec =
                new RequestSpec(
                                id,
                                sloClass,
                                RequestSpec.DEFAULT_PRIORITY,
                                List.of(arrival.promptTokens()),
                                1,
                                most,
                                Math.min(most, prediction.of(arrival, random)))
                        .withTenant(arrival.tenant());
        return new SimRequest(arrival.atNanos(), spec, arrival.outputTokens())
                .beginning(arrival.prefix());
    }
}
