package io.hfx.cli.simulate;

import io.hfx.simulator.scenario.Tuning;
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
        Map<String, Tuning.Best> policies) {}
