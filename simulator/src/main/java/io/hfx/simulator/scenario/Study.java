package io.hfx.simulator.scenario;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Compares policies on a scenario: the reference capacity first, then every policy at every rate
 * with the first seed, then the other seeds (of the best policies only, where the scenario says
 * so), then sweeps and bounds.
 */
public final class Study {
    /** Ours: goes on beside the best whatever its place, and the others are compared with it. */
    public static final String OURS = "hfx";

    /** Hears how far a study is; from any thread. */
    public interface Progress {
        /** So many runs more are to be done. */
        default void expect(int runs) {}

        /** One is done. */
        default void done() {}
    }

    private final StudyPlan plan;
    private final Setup base;
    private final ParallelRuns pool;
    private final Progress progress;

    private Study(StudyPlan plan, ParallelRuns pool, Progress progress) {
        this.plan = plan;
        this.base = new Setup(plan.scenario(), plan.data());
        this.pool = pool;
        this.progress = progress;
    }

    /**
     * Does a study.
     *
     * @param threads that runs are spread over
     */
    public static StudyResult of(StudyPlan plan, int threads, Progress progress)
            throws InterruptedException {
        try (ParallelRuns pool = new ParallelRuns(threads, progress::done)) {
            return new Study(plan, pool, progress).result();
        }
    }

    private StudyResult result() throws InterruptedException {
        List<Setup> sweptSetups = setups();
        progress.expect(1);
        List<Callable<Double>> first = List.of(() -> ReferenceCapacity.perSecond(base));
        double reference = pool.all(first).get(0);
        List<Double> rates = plan.scenario().run().rates();
        List<RunResult> results =
                new ArrayList<>(
                        all(
                                runs(
                                        base,
                                        plan.entrants(),
                                        rates,
                                        reference,
                                        plan.seeds().subList(0, 1))));
        List<Entrant> going = best(results);
        List<Long> more = plan.seeds().subList(1, plan.seeds().size());
        results.addAll(all(runs(base, going, rates, reference, more)));
        List<StudyResult.Swept> swept = sweeps(sweptSetups, going, reference);
        Bounds.Found bounds =
                plan.bounds()
                        ? new Bounds(base, reference, plan.seeds().get(0)).find(this::all)
                        : Bounds.Found.NONE;
        return new StudyResult(plan, reference, byPolicy(plan.entrants(), results), swept, bounds);
    }

    /** All at once, so that a wrong value is found before hours of runs. */
    private List<Setup> setups() {
        List<Setup> setups = new ArrayList<>();
        for (Sweep sweep : plan.sweeps()) {
            for (String value : sweep.values()) {
                setups.add(new Setup(sweep.apply(plan.scenario(), value), plan.data()));
            }
        }
        return setups;
    }

    private List<StudyResult.Swept> sweeps(
            List<Setup> setups, List<Entrant> entrants, double reference)
            throws InterruptedException {
        List<Run> runs = new ArrayList<>();
        for (Setup setup : setups) {
            double sized =
                    reference
                            * setup.scenario().fleet().workers()
                            / plan.scenario().fleet().workers();
            runs.addAll(runs(setup, entrants, List.of(plan.sweepRate()), sized, plan.seeds()));
        }
        List<RunResult> results = all(runs);
        int each = entrants.size() * plan.seeds().size();
        List<StudyResult.Swept> swept = new ArrayList<>();
        int at = 0;
        for (Sweep sweep : plan.sweeps()) {
            List<StudyResult.Point> points = new ArrayList<>();
            for (String value : sweep.values()) {
                List<RunResult> some = results.subList(at, at + each);
                points.add(new StudyResult.Point(value, byPolicy(entrants, some)));
                at += each;
            }
            swept.add(new StudyResult.Swept(sweep.axis(), points));
        }
        return swept;
    }

    /** Those that go on: the best by attainment over all rates, ours, or all of them. */
    private List<Entrant> best(List<RunResult> screened) {
        int best = plan.scenario().run().best();
        if (best == 0 || best >= plan.entrants().size()) {
            return plan.entrants();
        }
        Map<String, Double> sums = new LinkedHashMap<>();
        screened.forEach(r -> sums.merge(r.policy(), r.overall().attainment(), Double::sum));
        Set<String> going = new LinkedHashSet<>();
        sums.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(best)
                .forEach(e -> going.add(e.getKey()));
        going.add(OURS);
        return plan.entrants().stream().filter(e -> going.contains(e.name())).toList();
    }

    private static List<Run> runs(
            Setup setup,
            List<Entrant> entrants,
            List<Double> rates,
            double reference,
            List<Long> seeds) {
        List<Run> runs = new ArrayList<>();
        for (Entrant entrant : entrants) {
            for (double rate : rates) {
                for (long seed : seeds) {
                    runs.add(new Run(setup, entrant, rate, rate * reference, seed));
                }
            }
        }
        return runs;
    }

    private List<RunResult> all(List<Run> runs) throws InterruptedException {
        progress.expect(runs.size());
        List<Callable<RunResult>> tasks = new ArrayList<>();
        runs.forEach(run -> tasks.add(run::result));
        return pool.all(tasks);
    }

    private static Map<String, List<RunResult>> byPolicy(
            List<Entrant> entrants, List<RunResult> results) {
        Map<String, List<RunResult>> byPolicy = new LinkedHashMap<>();
        entrants.forEach(e -> byPolicy.put(e.name(), new ArrayList<>()));
        for (RunResult result : results) {
            List<RunResult> of = byPolicy.get(result.policy());
            if (of != null) {
                of.add(result);
            }
        }
        byPolicy.values()
                .forEach(
                        of ->
                                of.sort(
                                        Comparator.comparingDouble(RunResult::rate)
                                                .thenComparingLong(RunResult::seed)));
        return byPolicy;
    }
}
