package io.hfx.simulator.scenario;

import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Tries as many settings for each policy, its defaults among them, and takes those with the highest
 * mean attainment over the scenario's rates and the training seeds. Settings are drawn at random
 * from the ranges that the policy gives for it; a policy with nothing to search has its defaults
 * alone. Figures are to be reported on other seeds.
 *
 * @param scenario on which
 * @param data folder of traces, or null
 * @param budget settings for each policy, 1 to 1000
 * @param seeds that they are tried on
 */
public record Tuning(Scenario scenario, @Nullable Path data, int budget, List<Long> seeds) {
    /** Draws for each setting tried: equal ones count once. */
    private static final int MOST_DRAWS = 10;

    public Tuning {
        Limits.count("--budget", budget, 1, 1_000);
        seeds = List.copyOf(seeds);
    }

    /**
     * The best of one policy.
     *
     * @param settings none where the defaults are best
     * @param score mean attainment
     * @param defaultScore that of the defaults
     * @param tried how many settings
     */
    public record Best(
            Map<String, String> settings, double score, double defaultScore, int tried) {}

    /** Tunes policies, by name. */
    public Map<String, Best> of(List<Policy> policies, ParallelRuns pool, Study.Progress progress)
            throws InterruptedException {
        Setup setup = new Setup(scenario, data);
        progress.expect(1);
        List<Callable<Double>> first = List.of(() -> ReferenceCapacity.perSecond(setup));
        double reference = pool.all(first).get(0);
        List<Entrant> tries = new ArrayList<>();
        policies.forEach(policy -> tries.addAll(tries(policy)));
        List<Callable<RunResult>> runs = new ArrayList<>();
        for (Entrant entrant : tries) {
            for (double rate : scenario.run().rates()) {
                for (long seed : seeds) {
                    runs.add(new Run(setup, entrant, rate, rate * reference, seed)::result);
                }
            }
        }
        progress.expect(runs.size());
        return best(tries, pool.all(runs));
    }

    private Map<String, Best> best(List<Entrant> tries, List<RunResult> results) {
        int each = scenario.run().rates().size() * seeds.size();
        Map<String, Best> best = new LinkedHashMap<>();
        for (int i = 0; i < tries.size(); i++) {
            double score =
                    Figures.rounded(
                            results.subList(i * each, (i + 1) * each).stream()
                                    .mapToDouble(r -> r.overall().attainment())
                                    .average()
                                    .orElseThrow());
            Entrant entrant = tries.get(i);
            Map<String, String> settings = new TreeMap<>(entrant.config().values());
            Best before = best.get(entrant.name());
            if (before == null) {
                best.put(entrant.name(), new Best(settings, score, score, 1));
            } else {
                boolean better = score > before.score();
                best.put(
                        entrant.name(),
                        new Best(
                                better ? settings : before.settings(),
                                Math.max(score, before.score()),
                                before.defaultScore(),
                                before.tried() + 1));
            }
        }
        return best;
    }

    /** The defaults first; what is drawn depends on the policy's name alone. */
    private List<Entrant> tries(Policy policy) {
        SplittableRandom random = new SplittableRandom(policy.name().hashCode());
        Set<PolicyConfig> draws = new LinkedHashSet<>();
        draws.add(PolicyConfig.DEFAULTS);
        for (int i = 0; i < MOST_DRAWS * budget && draws.size() < budget; i++) {
            PolicyConfig drawn = PolicyConfig.drawn(policy, random);
            draws.add(drawn.values().isEmpty() ? PolicyConfig.DEFAULTS : drawn);
        }
        return draws.stream().map(config -> new Entrant(policy, config)).toList();
    }
}
