package io.hfx.simulator.paper;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.simulator.paper.Scenario.Result;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * Each baseline comes out above what its paper compares it with, on a workload of its paper's kind,
 * with default settings and on each of these seeds. The order is the claim, not the ratio.
 */
class PaperOrderingTest {
    private static final List<Long> SEEDS = List.of(1L, 2L);

    @Test
    void niyamaMeetsMoreThanEdfAndFcfsInOverload() {
        above(Papers.niyama(8), Result::attainment, 0.2, "niyama", "edf", "sarathi", "fcfs");
    }

    @Test
    void scorpioMeetsMoreOfMixedTtftAndTpotThanFcfsSjfAndEarlyRejection() {
        above(Papers.scorpio(18), Result::attainment, 0.4, "scorpio", "fcfs");
        above(Papers.scorpio(18), Result::attainment, 0, "scorpio", "sjf", "mooncake");
    }

    @Test
    void flowPrefillMeetsMoreTtftThanChunksBehindLongPrompts() {
        above(
                Papers.flowPrefill(4),
                Result::ttftAttainment,
                0.1,
                "flowprefill",
                "fcfs",
                "sarathi",
                "edf");
    }

    @Test
    void polyServeMeetsMoreOfTpotTiersThanWorkersThatMixThem() {
        above(
                Papers.polyServe(8, 7),
                Result::attainment,
                0.1,
                "polyserve",
                "least-loaded",
                "round-robin");
    }

    @Test
    void slosServeMeetsMoreThanThoseThatAcceptAll() {
        above(Papers.slosServe(8), Result::attainment, 0.3, "slos-serve", "fcfs", "sarathi");
    }

    @Test
    void earlyRejectionMeetsMoreThanNoneInOverload() {
        above(Papers.mooncake(5), Result::attainment, 0.3, "mooncake", "least-loaded", "sarathi");
        Scenario scenario = Papers.mooncake(5).withSeed(1);
        Result refusing = scenario.run("mooncake", Map.of());
        Result accepting = scenario.run("mooncake", Map.of("refuse", "0"));
        assertTrue(refusing.refused() > 0.05, "it refuses " + refusing.refused());
        assertTrue(accepting.refused() == 0, "it demotes where told to");
    }

    @Test
    void llumnixCutsTheTailOfTheFirstTokenWhereLengthsAreSkewed() {
        for (long seed : SEEDS) {
            Scenario scenario = Papers.llumnix(9).withSeed(seed);
            double ring = scenario.run("round-robin", Map.of()).p99TtftSeconds();
            double freeness = scenario.run("llumnix", Map.of()).p99TtftSeconds();
            assertTrue(
                    freeness < ring / 1.5,
                    "seed " + seed + ": " + freeness + " s against " + ring + " s");
        }
    }

    @Test
    void qlmMeetsMoreThanArrivalAndDeadlineOrderInOverload() {
        above(Papers.qlm(24), Result::attainment, 0.1, "qlm", "edf", "sarathi");
    }

    @Test
    void aptServeMeetsMoreThanFcfsWhereKvIsShort() {
        above(Papers.aptServe(8), Result::attainment, 0.1, "apt-serve", "fcfs");
        above(Papers.aptServe(8), Result::attainment, 0, "apt-serve", "sarathi");
    }

    @Test
    void cacheOptIsFasterWhereOutputsCompeteForKv() {
        faster(Papers.cacheOpt(8), "cacheopt", "fcfs", "sarathi");
    }

    @Test
    void lMetricIsFasterThanARingAndThanPlainLoads() {
        above(Papers.lMetric(18), Result::ttftAttainment, 0.1, "lmetric", "round-robin");
        faster(Papers.lMetric(18), "lmetric", "round-robin", "least-loaded");
    }

    /** The meek one gets what it asks for; by arrival it waits behind the flood. */
    @Test
    void vtcShieldsATenantFromOneThatFloods() {
        for (String inner : List.of("sarathi", "edf", "round-robin")) {
            for (long seed : SEEDS) {
                Scenario scenario = Papers.vtc(18).withSeed(seed);
                double plain = scenario.run(inner, Map.of()).of("meek").attainment();
                double fair = scenario.run("vtc+" + inner, Map.of()).of("meek").attainment();
                assertTrue(
                        fair > plain + 0.5,
                        "%s, seed %d: %.3f against %.3f".formatted(inner, seed, fair, plain));
            }
        }
    }

    @Test
    void accelGenMeetsMoreOfShortAndLongPromptsThanFixedChunksAndWholePrompts() {
        above(Papers.accelGen(4), Result::attainment, 0.2, "accelgen", "sarathi");
        above(Papers.accelGen(4), Result::attainment, 0, "accelgen", "fcfs");
    }

    @Test
    void jitServeMeetsMoreOfMixedRequestTypesThanThoseBlindToThem() {
        above(Papers.jitServe(8), Result::attainment, 0.3, "jitserve", "fcfs", "sarathi");
        above(Papers.jitServe(8), Result::attainment, 0.1, "jitserve", "slos-serve");
    }

    @Test
    void ascendraMeetsMoreWithALaneForUrgentRequestsThanOneLaneForAll() {
        above(Papers.ascendra(20), Result::attainment, 0.2, "ascendra", "fcfs", "round-robin");
    }

    @Test
    void adaServeMeetsMoreTpotTiersInOneBatchThanUniformBatches() {
        above(Papers.adaServe(8), Result::attainment, 0.3, "adaserve", "fcfs", "sarathi");
    }

    @Test
    void shortestFirstLowersTheMean() {
        for (long seed : SEEDS) {
            Scenario scenario = Papers.sjf(15).withSeed(seed);
            double sjf = scenario.run("sjf", Map.of()).meanE2eSeconds();
            double fcfs = scenario.run("sarathi", Map.of()).meanE2eSeconds();
            assertTrue(sjf < 0.8 * fcfs, "seed " + seed + ": " + sjf + " s against " + fcfs + " s");
        }
    }

    /** Requests end sooner, on the mean. */
    private static void faster(Scenario scenario, String policy, String... others) {
        for (long seed : SEEDS) {
            Scenario seeded = scenario.withSeed(seed);
            double mine = seeded.run(policy, Map.of()).meanE2eSeconds();
            for (String other : others) {
                double theirs = seeded.run(other, Map.of()).meanE2eSeconds();
                assertTrue(
                        mine < theirs,
                        "seed %d: %s %.3f s, %s %.3f s"
                                .formatted(seed, policy, mine, other, theirs));
            }
        }
    }

    private static void above(
            Scenario scenario,
            ToDoubleFunction<Result> score,
            double margin,
            String policy,
            String... others) {
        for (long seed : SEEDS) {
            Scenario seeded = scenario.withSeed(seed);
            double mine = score.applyAsDouble(seeded.run(policy, Map.of()));
            for (String other : others) {
                double theirs = score.applyAsDouble(seeded.run(other, Map.of()));
                assertTrue(
                        mine > theirs + margin,
                        "seed %d: %s %.3f, %s %.3f".formatted(seed, policy, mine, other, theirs));
            }
        }
    }
}
