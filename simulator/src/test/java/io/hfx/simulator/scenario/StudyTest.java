package io.hfx.simulator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.policy.Policies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small studies; seeds are 1 and 2. */
class StudyTest {
    private static final Study.Progress SILENT = new Study.Progress() {};

    static List<String> policies() {
        return List.copyOf(Policies.all(StudyTest.class.getClassLoader()).keySet());
    }

    private static Scenario smoke(double seconds) {
        return Scenarios.find(
                "smoke",
                Map.of("run.seconds", Double.toString(seconds), "run.rates", "[0.5, 1.5]"));
    }

    private static StudyPlan plan(
            Scenario scenario, List<String> names, List<Sweep> sweeps, boolean bounds) {
        List<Entrant> entrants = new ArrayList<>();
        names.forEach(n -> entrants.add(Entrant.of(n, Map.of())));
        return new StudyPlan(scenario, null, entrants, List.of(1L, 2L), sweeps, 1, bounds);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void everyPolicyServesTheSmokeScenario(String policy) throws InterruptedException {
        StudyResult result = Study.of(plan(smoke(8), List.of(policy), List.of(), false), 1, SILENT);

        List<RunResult> runs = result.runs().get(policy);
        assertEquals(4, runs.size());
        for (RunResult run : runs) {
            long served = run.overall().completed() + run.overall().refused();
            assertEquals(run.overall().requests(), served, "none is lost: " + run);
            assertTrue(run.minClass() <= run.overall().attainment(), run.toString());
            assertTrue(run.busyShare() > 0 && run.busyShare() <= 1, run.toString());
        }
        RunResult calm = runs.get(0);
        assertEquals(0.5, calm.rate());
        assertTrue(calm.overall().attainment() > 0.7, "half the capacity is calm: " + calm);
        RunResult busy = runs.get(2);
        assertEquals(3, (double) busy.requests() / calm.requests(), 0.6, "three times the load");
        double calmTpot = calm.overall().tpotMillis().mean();
        assertTrue(busy.overall().tpotMillis().mean() > calmTpot, "load costs time: " + busy);
    }

    @Test
    void threadsDoNotChangeAnything() throws InterruptedException {
        StudyPlan plan =
                plan(
                        smoke(5),
                        List.of("edf", "hfx", "llumnix"),
                        List.of(Sweep.parse("slo-scale=0.5,2"), Sweep.parse("workers=1,3")),
                        true);

        StudyResult one = Study.of(plan, 1, SILENT);
        StudyResult two = Study.of(plan, 2, SILENT);

        assertEquals(one.toString(), two.toString());
        assertEquals(2, one.sweeps().size());
        List<StudyResult.Point> scales = one.sweeps().get(0).points();
        assertTrue(
                attainment(scales.get(1)) > attainment(scales.get(0)),
                "looser objectives are met more often: " + scales);
        assertTrue(one.bounds().unlimitedFleet() > 0.9, one.bounds().toString());
        assertEquals(2, one.bounds().relaxed().size());
    }

    private static double attainment(StudyResult.Point point) {
        return point.runs().get("hfx").get(0).overall().attainment();
    }

    @Test
    void theBestGoOnAndOursWithThem() throws InterruptedException {
        Scenario scenario = Scenarios.with(smoke(5), Map.of("run.best", "1"));
        StudyResult result =
                Study.of(
                        plan(scenario, List.of("fcfs", "round-robin", "hfx"), List.of(), false),
                        2,
                        SILENT);

        assertEquals(4, result.runs().get("hfx").size(), "two rates, two seeds");
        int others = result.runs().get("fcfs").size() + result.runs().get("round-robin").size();
        assertTrue(others == 4 || others == 6, "at most one other goes on, there are " + others);
    }

    /** On 16 slots, which reports would fill for seconds each. */
    @Test
    void roomThatIsLeftInTheKvServesMore() throws InterruptedException {
        List<RunResult> before = demo(Map.of("kv_reserve", "0"));
        List<RunResult> after = demo(Map.of());
        for (int i = 0; i < before.size(); i++) {
            double gain =
                    after.get(i).overall().attainment() - before.get(i).overall().attainment();
            assertTrue(gain > 0.05, before.get(i) + " " + after.get(i));
            assertTrue(after.get(i).minClass() > before.get(i).minClass());
        }
    }

    private static List<RunResult> demo(Map<String, String> settings) throws InterruptedException {
        Scenario demo = Scenarios.find("demo", Map.of("run.rates", "[1.0, 1.3]"));
        List<Entrant> hfx = List.of(Entrant.of("hfx", settings));
        StudyPlan plan = new StudyPlan(demo, null, hfx, List.of(1L, 2L), List.of(), 1, false);
        return Study.of(plan, 1, SILENT).runs().get("hfx");
    }

    /** A class says how its TPOT is meant, and the policy plans for that. */
    @Test
    void howATpotIsMeantDecidesWhatIsMet() throws InterruptedException {
        Score mean = meant("MEAN");
        Score tail = meant("TAIL");
        Score cumulative = meant("CUMULATIVE");
        assertTrue(tail.tailAttainment() > mean.tailAttainment() + 0.3, mean + " " + tail);
        assertTrue(
                cumulative.cumulativeAttainment() > mean.cumulativeAttainment(),
                mean + " " + cumulative);
        assertTrue(mean.attainment() >= tail.attainment(), mean + " " + tail);
    }

    private static Score meant(String mode) throws InterruptedException {
        Map<String, String> fields =
                Map.of("slo.tpotMode", mode, "run.rates", "[1.0]", "run.seconds", "60");
        Scenario scenario = Scenarios.find("headline", fields);
        List<Entrant> hfx = List.of(Entrant.of("hfx", Map.of()));
        StudyPlan plan = new StudyPlan(scenario, null, hfx, List.of(1L), List.of(), 1, false);
        return Study.of(plan, 1, SILENT).runs().get("hfx").get(0).overall();
    }

    /** Whatever the scheduler believes at first, half a minute later it meets as much as ever. */
    @ParameterizedTest
    @ValueSource(strings = {"0.3", "3"})
    void aWrongStartIsMadeUpFor(String bias) {
        double right = later(Map.of());
        double wrong = later(Map.of("fleet.modelBias", bias));
        double frozen = later(Map.of("fleet.modelBias", bias, "fleet.modelLearns", "false"));

        assertTrue(wrong > right - 0.02, bias + ": " + wrong + ", from the start " + right);
        assertTrue(frozen < right - 0.05, bias + " kept: " + frozen);
    }

    /** Attainment of what arrives in the second half of a minute, seed 1. */
    private static double later(Map<String, String> fields) {
        Scenario scenario = Scenarios.with(smoke(60), Map.of("run.warmUpSeconds", "30"));
        Setup setup = new Setup(Scenarios.with(scenario, fields), null);
        Run run = new Run(setup, Entrant.of("hfx", Map.of()), 1, 12.5, 1);
        return run.result().overall().attainment();
    }

    /** Chats of ten turns, each longer by what was said: nearly all of a turn came before. */
    @Test
    void aPrefixCacheIsSharedByTheTurnsOfAChat(@TempDir Path folder) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int turn = 0; turn < 10; turn++) {
            for (int chat = 0; chat < 30; chat++) {
                int first = 100 * chat;
                lines.append(
                        "{\"timestamp\": %d, \"input_length\": %d, \"output_length\": 20, \"hash_ids\": %s}\n"
                                .formatted(
                                        1_000 * (30 * turn + chat),
                                        512 * (turn + 1),
                                        IntStream.rangeClosed(first, first + turn)
                                                .boxed()
                                                .toList()));
            }
        }
        Files.writeString(folder.resolve("chats.jsonl"), lines.toString());
        Map<String, String> fields =
                Map.of(
                        "load.trace", "{\"file\": \"chats.jsonl\", \"classes\": {\"long\": 1}}",
                        "fleet.workers", "2",
                        "run.seconds", "60",
                        "run.warmUpSeconds", "0");
        Scenario scenario = Scenarios.find("mooncake", fields);
        for (String policy : List.of("sarathi", "hfx")) {
            List<RunResult> runs = new ArrayList<>();
            for (String cache : List.of("0", "20000", "1000000")) {
                Scenario sized = Sweep.parse("cache=" + cache).apply(scenario, cache);
                Setup setup = new Setup(sized, folder);
                runs.add(new Run(setup, Entrant.of(policy, Map.of()), 1, 5, 1).result());
            }
            assertEquals(0, runs.get(0).cachedShare());
            assertTrue(runs.get(2).cachedShare() > 0.4, runs.toString());
            assertTrue(runs.get(1).cachedShare() < runs.get(2).cachedShare(), runs.toString());
            double without = runs.get(0).overall().ttftMillis().mean();
            double with = runs.get(2).overall().ttftMillis().mean();
            assertTrue(with < 0.8 * without, runs.toString());
        }
    }

    @Test
    void theReferenceGrowsWithTheFleet() {
        double two = ReferenceCapacity.perSecond(new Setup(smoke(5), null));
        Scenario four = Scenarios.with(smoke(5), Map.of("fleet.workers", "4"));
        double twice = ReferenceCapacity.perSecond(new Setup(four, null));

        assertEquals(2, twice / two, 0.1);
    }

    @Test
    void lostWorkersAreReplaced() {
        Scenario scenario =
                Scenarios.with(
                        smoke(8),
                        Map.of(
                                "fleet.failures",
                                "[{\"worker\": 0, \"atSeconds\": 3, \"backAfterSeconds\": 1},"
                                        + " {\"worker\": 1, \"atSeconds\": 4.5,"
                                        + " \"backAfterSeconds\": 1}]"));
        Setup setup = new Setup(scenario, null);
        RunResult result = new Run(setup, Entrant.of("sarathi", Map.of()), 1, 6, 1).result();

        assertEquals(result.overall().requests(), result.overall().completed());
        assertFalse(result.classes().isEmpty());
    }
}
