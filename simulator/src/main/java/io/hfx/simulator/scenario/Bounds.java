package io.hfx.simulator.scenario;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.slo.Slo;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.fleet.StepTiming;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What to hold policies against: bounds on what is possible, and ours with less in its way. */
public final class Bounds {
    /** Finds the results of runs, in their order. */
    interface Runner {
        List<RunResult> all(List<Run> runs) throws InterruptedException;
    }

    /**
     * What was found.
     *
     * @param unlimitedFleet attainment if every request had an idle worker of its own, without
     *     noise: no scheduler does better, at any rate; below 0 if not asked for
     * @param clairvoyant by rate: attainment that no scheduler beats even if it knows all arrivals
     *     and lengths; only where there are few enough requests
     * @param relaxed ours with true lengths, and without noise and error, by name
     */
    public record Found(
            double unlimitedFleet,
            Map<String, Double> clairvoyant,
            Map<String, List<RunResult>> relaxed) {
        static final Found NONE = new Found(-1, Map.of(), Map.of());
    }

    private static final int MOST_REQUESTS = 20_000;

    private final Setup base;
    private final double reference;
    private final long seed;

    Bounds(Setup base, double reference, long seed) {
        this.base = base;
        this.reference = reference;
        this.seed = seed;
    }

    Found find(Runner runner) throws InterruptedException {
        Map<String, Double> clairvoyant = new LinkedHashMap<>();
        for (double rate : base.scenario().run().rates()) {
            double seconds = base.scenario().run().seconds();
            Clairvoyant bound =
                    new Clairvoyant(
                            base.profile().timing().model(), base.scenario().fleet().workers());
            bound.attainment(
                            base.requests(rate * reference, seconds, seed),
                            Math.round(base.scenario().run().warmUpSeconds() * 1e9))
                    .ifPresent(a -> clairvoyant.put(Double.toString(rate), Figures.rounded(a)));
        }
        return new Found(Figures.rounded(unlimitedFleet()), clairvoyant, relaxed(runner));
    }

    /** Ours, on the same requests, told all lengths; and with no noise and no wrong model. */
    private Map<String, List<RunResult>> relaxed(Runner runner) throws InterruptedException {
        Map<String, Setup> setups = new LinkedHashMap<>();
        setups.put(Study.OURS + ", true lengths", variant(Map.of("load.prediction", "oracle")));
        setups.put(
                Study.OURS + ", true lengths, no noise, no delay",
                variant(
                        Map.of(
                                "load.prediction", "oracle",
                                "fleet.noiseSigma", "0",
                                "fleet.modelBias", "1",
                                "fleet.modelSigma", "0",
                                "fleet.messageDelayMillis", "0")));
        List<Run> runs = new ArrayList<>();
        List<Double> rates = base.scenario().run().rates();
        Entrant ours = Entrant.of(Study.OURS, Map.of());
        for (Setup setup : setups.values()) {
            rates.forEach(r -> runs.add(new Run(setup, ours, r, r * reference, seed)));
        }
        List<RunResult> results = runner.all(runs);
        Map<String, List<RunResult>> relaxed = new LinkedHashMap<>();
        int at = 0;
        for (String name : setups.keySet()) {
            relaxed.put(name, results.subList(at, at + rates.size()));
            at += rates.size();
        }
        return relaxed;
    }

    private Setup variant(Map<String, String> fields) {
        return base.with(Scenarios.with(base.scenario(), fields));
    }

    private double unlimitedFleet() {
        Iterator<SimRequest> requests = base.requests(1, MOST_REQUESTS, seed);
        int met = 0;
        int counted = 0;
        while (requests.hasNext()) {
            SimRequest request = requests.next();
            if (!request.spec().sloClass().slo().isBestEffort()) {
                counted++;
                met += metAlone(request) ? 1 : 0;
            }
        }
        return counted == 0 ? 0 : (double) met / counted;
    }

    /** On an idle worker: the prompt in one step, then one decode a step. */
    private boolean metAlone(SimRequest request) {
        StepTiming timing = base.profile().timing();
        LatencyModel model = timing.model();
        int prompt = request.spec().promptTokens(0);
        int decodes = request.outputTokens() - 1;
        long delayNanos = Math.round(base.scenario().fleet().messageDelayMillis() * 1e6);
        long ttftNanos = delayNanos + timing.overheadNanos() + model.prefillNanos(0, prompt);
        StepShape middle = new StepShape(0, 0, 0, 1, prompt + decodes / 2L);
        long tpotNanos = decodes == 0 ? 0 : timing.overheadNanos(middle) + model.stepNanos(middle);
        Slo slo = request.spec().sloClass().slo();
        return ttftNanos <= slo.ttftNanos()
                && tpotNanos <= slo.tpotNanos()
                && ttftNanos + decodes * tpotNanos <= slo.e2eNanos();
    }
}
