package io.hfx.simulator.scenario;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.simulator.fleet.SimOutcome;
import io.hfx.simulator.fleet.SimRequest;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What rate 1.0 means: the saturated capacity of {@code sarathi} with its default settings on the
 * scenario, in requests per second. The fleet is offered twice what its workers could do if steps
 * had no fixed cost, the queue is kept short so that the rest is refused, and what completes per
 * second between 60 and 180 s is counted. Failures are left out. Ours.
 */
public final class ReferenceCapacity {
    /** The policy whose capacity it is. */
    public static final String POLICY = "sarathi";

    private static final long SEED = 0;
    private static final double FROM_SECONDS = 60;
    private static final double TO_SECONDS = 180;
    private static final int SAMPLE = 2_000;
    private static final int WAITING_PER_WORKER = 32;

    private ReferenceCapacity() {}

    /** Measures it. */
    public static double perSecond(Setup setup) {
        double offered = 2 * upperBound(setup);
        AtomicLong completed = new AtomicLong();
        setup.fleet(
                        Entrant.of(POLICY, Map.of()),
                        WAITING_PER_WORKER * setup.scenario().fleet().workers(),
                        SEED)
                .run(
                        setup.requests(offered, TO_SECONDS, SEED),
                        outcome -> completed.addAndGet(inWindow(outcome) ? 1 : 0));
        if (completed.get() == 0) {
            throw new ScenarioException(
                    setup.scenario().name() + ": no request completes in the first 180 s");
        }
        return completed.get() / (TO_SECONDS - FROM_SECONDS);
    }

    private static boolean inWindow(SimOutcome outcome) {
        if (!outcome.completed()) {
            return false;
        }
        long arrivalNanos = outcome.request().arrivalNanos();
        double endSeconds = (arrivalNanos + outcome.timelines().get(0).e2eNanos()) / 1e9;
        return endSeconds >= FROM_SECONDS && endSeconds < TO_SECONDS;
    }

    /** Requests per second that the workers could do if only tokens cost time. */
    private static double upperBound(Setup setup) {
        LatencyModel model = setup.profile().timing().model();
        Iterator<SimRequest> sample = setup.requests(1, SAMPLE, SEED);
        double workNanos = 0;
        int n = 0;
        for (; sample.hasNext(); n++) {
            workNanos += marginalNanos(model, sample.next());
        }
        return setup.scenario().fleet().workers() * n * 1e9 / Math.max(1, workNanos);
    }

    /** Time that the tokens of a request take of a worker at the least, shared steps left out. */
    static double marginalNanos(LatencyModel model, SimRequest request) {
        double prompt = request.spec().promptTokens(0);
        double decodes = request.outputTokens() - 1;
        return prompt * model.tokenNanos()
                + 0.5 * prompt * prompt * model.pairNanos()
                + decodes * model.decodeNanos()
                + decodes * (prompt + 0.5 * decodes) * model.contextNanos();
    }
}
