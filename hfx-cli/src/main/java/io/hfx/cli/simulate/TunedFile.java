package io.hfx.cli.simulate;

import java.util.List;
import java.util.Map;

/**
 * What a tuning found, as its JSON file has it.
 *
 * @param scenario on which
 * @param budget settings tried for each policy, the defaults among them
 * @param trainingSeeds that they were tried on
 * @param commit of the program
 * @param policies the best by policy
 */
record TunedFile(
        String scenario,
        int budget,
        List<Long> trainingSeeds,
        String commit,
        Map<String, Tuned> policies) {

    /**
     * The best of one policy.
     *
     * @param settings none where the defaults are best
     * @param score mean attainment over rates and training seeds
     * @param defaultScore that of the defaults
     */
    record Tuned(Map<String, String> settings, double score, double defaultScore) {}
}
