package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold whatever comes. {@code -Dhfx.seed=N} replays one seed, {@code -Dhfx.seeds=N} runs
 * that many.
 */
class FleetInvariantsTest {
    private static final KvBudget SLOTS = new KvBudget.Slots(12, 2_048);
    private static final KvBudget BLOCKS = new KvBudget.Blocks(400, 16, 2_048);

    static Stream<String> policies() {
        return Policies.all(FleetInvariantsTest.class.getClassLoader()).keySet().stream();
    }

    private static List<Long> seeds() {
        Long one = Long.getLong("hfx.seed");
        return one != null
                ? List.of(one)
                : Stream.iterate(1L, s -> s + 1).limit(Long.getLong("hfx.seeds", 12)).toList();
    }

    /** SimFleet itself checks: nothing stranded, KV all back, every token made once. */
    @ParameterizedTest
    @MethodSource("policies")
    void nothingIsStrandedAndAllKvComesBack(String policy) {
        for (long seed : seeds()) {
            KvBudget kv = seed % 2 == 0 ? SLOTS : BLOCKS;
            int workers = 1 + (int) (seed % 3);
            SimFleet fleet =
                    new SimFleet(Scenarios.settings(policy, workers, kv, seed), SimFleet.Log.NONE);
            List<SimRequest> requests = Scenarios.wild(120, 4 * workers, seed);
            List<SimOutcome> outcomes = checked(seed, () -> fleet.run(requests));
            for (SimOutcome outcome : outcomes) {
                int ends =
                        (outcome.completed() ? 1 : 0)
                                + (outcome.refused() != null ? 1 : 0)
                                + (outcome.cancelled() ? 1 : 0);
                assertEquals(1, ends, "seed " + seed + ": " + outcome);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void theLossOfAWorkerLosesNoTokenAndRepeatsNone(String policy) {
        for (long seed : seeds()) {
            SimFleet fleet =
                    new SimFleet(Scenarios.settings(policy, 3, SLOTS, seed), SimFleet.Log.NONE)
                            .loseWorkerAt(4_000 * Scenarios.MS, new WorkerId("worker-1"));
            List<SimRequest> requests = Scenarios.wild(120, 10, seed);
            List<SimOutcome> outcomes = checked(seed, () -> fleet.run(requests));
            assertTrue(outcomes.stream().anyMatch(SimOutcome::completed), "seed " + seed);
        }
    }

    /** Workers fail every few seconds and are replaced; all that comes is served or refused. */
    @ParameterizedTest
    @MethodSource("policies")
    void failingWorkersAreReplaced(String policy) {
        int losses = 0;
        for (long seed : seeds()) {
            Counter counter = new Counter();
            SimFleet fleet =
                    new SimFleet(Scenarios.settings(policy, 3, SLOTS, seed), counter)
                            .failing(new FailureSpec(5_000 * Scenarios.MS, 700 * Scenarios.MS));
            List<SimRequest> requests = Scenarios.wild(120, 10, seed);
            List<SimOutcome> outcomes = checked(seed, () -> fleet.run(requests));
            assertTrue(outcomes.stream().anyMatch(SimOutcome::completed), "seed " + seed);
            losses += counter.losses;
        }
        assertTrue(losses > 3 * seeds().size(), losses + " workers were lost");
    }

    /** One worker after the other leaves and another comes; running requests go on elsewhere. */
    @ParameterizedTest
    @MethodSource("policies")
    void workersThatLeaveLoseNoTokenAndRepeatNone(String policy) {
        Counter counter = new Counter();
        for (long seed : seeds()) {
            SimSettings settings = Scenarios.settings(policy, 3, SLOTS, seed);
            SimFleet fleet = new SimFleet(settings, counter);
            for (int i = 0; i < 3; i++) {
                fleet.drainWorkerAt(
                        (2_000 + 3_000L * i) * Scenarios.MS,
                        new WorkerId("worker-" + i),
                        seed % 3 * 200 * Scenarios.MS);
                fleet.joinWorkerAt((2_500 + 3_000L * i) * Scenarios.MS, spare(settings, i));
            }
            List<SimRequest> requests = Scenarios.wild(120, 10, seed);
            List<SimOutcome> outcomes = checked(seed, () -> fleet.run(requests));
            assertTrue(outcomes.stream().anyMatch(SimOutcome::completed), "seed " + seed);
        }
        assertEquals(3 * seeds().size(), counter.retired);
        assertTrue(counter.handedBack > seeds().size(), counter.handedBack + " went on elsewhere");
    }

    /** The only worker leaves: what runs on it ends there, the rest waits for the next. */
    @ParameterizedTest
    @MethodSource("policies")
    void theLastWorkerEndsWhatItHasBegun(String policy) {
        for (long seed : seeds()) {
            Counter counter = new Counter();
            SimSettings settings = Scenarios.settings(policy, 1, SLOTS, seed);
            SimFleet fleet =
                    new SimFleet(settings, counter)
                            .drainWorkerAt(4_000 * Scenarios.MS, new WorkerId("worker-0"), 0)
                            .joinWorkerAt(60_000 * Scenarios.MS, spare(settings, 0));
            checked(seed, () -> fleet.run(Scenarios.wild(60, 6, seed)));
            assertEquals(1, counter.retired, "seed " + seed);
        }
    }

    /** Moves under way meet everything and a worker that leaves. */
    @Test
    void aWorkerLeavesWhileRequestsWander() {
        Counter counter = new Counter();
        for (long seed : seeds()) {
            SimSettings settings =
                    Scenarios.settings(
                            new Wanderer(seed),
                            Scenarios.workers(3, SLOTS),
                            new StepTiming(Scenarios.TRUTH, 0.1, Scenarios.MS, 8),
                            seed);
            SimFleet fleet =
                    new SimFleet(settings, counter)
                            .drainWorkerAt(
                                    3_000 * Scenarios.MS,
                                    new WorkerId("worker-1"),
                                    500 * Scenarios.MS);
            checked(seed, () -> fleet.run(Scenarios.wild(120, 10, seed)));
        }
        assertEquals(seeds().size(), counter.retired);
    }

    private static SimWorkerSpec spare(SimSettings settings, int number) {
        SimWorkerSpec like = settings.workers().get(0);
        WorkerSpec old = like.spec();
        WorkerSpec fresh =
                new WorkerSpec(
                        new WorkerId("spare-" + number),
                        old.kind(),
                        old.kv(),
                        old.maxSequences(),
                        old.interruptible(),
                        old.latency());
        return new SimWorkerSpec(fresh, like.timing(), like.learns());
    }

    /** Moves under way meet everything: ends, cancels, lost transfers, a lost worker, no KV. */
    @Test
    void requestsThatWanderLoseNoTokenAndRepeatNone() {
        Counter counter = new Counter();
        for (long seed : seeds()) {
            KvBudget kv = seed % 2 == 0 ? SLOTS : BLOCKS;
            SimSettings settings =
                    Scenarios.settings(
                            new Wanderer(seed),
                            Scenarios.workers(3, kv),
                            new StepTiming(Scenarios.TRUTH, 0.1, Scenarios.MS, 8),
                            seed);
            SimFleet fleet = new SimFleet(settings, counter);
            if (seed % 3 == 0) {
                fleet.loseWorkerAt(4_000 * Scenarios.MS, new WorkerId("worker-1"));
            }
            List<SimRequest> requests = Scenarios.wild(120, 10, seed);
            List<SimOutcome> outcomes = checked(seed, () -> fleet.run(requests));
            assertTrue(outcomes.stream().anyMatch(SimOutcome::completed), "seed " + seed);
        }
        assertTrue(counter.moved > 100, counter.moved + " requests were moved");
        assertTrue(counter.resumed > 10, counter.resumed + " moves were given up");
    }

    @ParameterizedTest
    @MethodSource("policies")
    void aSeedIsARun(String policy) {
        List<SimOutcome> first =
                new SimFleet(Scenarios.settings(policy, 2, SLOTS, 5), SimFleet.Log.NONE)
                        .run(Scenarios.wild(100, 8, 5));
        List<SimOutcome> second =
                new SimFleet(Scenarios.settings(policy, 2, SLOTS, 5), SimFleet.Log.NONE)
                        .run(Scenarios.wild(100, 8, 5));
        assertEquals(first, second);
    }

    /** The parts of the HFX policy that interrupt and recall are really used in these runs. */
    @Test
    void stepsAreSuspendedAndRequestsRecalled() {
        Counter busy = countedAmong(1, 3);
        assertTrue(busy.suspends > 3, busy.suspends + " steps were suspended");
        assertEquals(busy.suspends, busy.resumes);
        Counter several = countedAmong(3, 6);
        assertTrue(several.recalls > 10, several.recalls + " requests were recalled");
    }

    private static Counter countedAmong(int workers, double ratePerSecond) {
        Counter counter = new Counter();
        for (long seed : seeds()) {
            checked(
                    seed,
                    () ->
                            new SimFleet(Scenarios.settings("hfx", workers, SLOTS, seed), counter)
                                    .run(Scenarios.wild(120, ratePerSecond, seed)));
        }
        return counter;
    }

    /** What DJL's opaque engines will be: whole requests in batches that are never cut. */
    @ParameterizedTest
    @MethodSource("policies")
    void workersOfWholeRequestsServeThemAll(String policy) {
        for (long seed : seeds()) {
            List<WorkerSpec> workers =
                    Scenarios.workers(2, new KvBudget.Slots(4, 8)).stream()
                            .map(
                                    w ->
                                            new WorkerSpec(
                                                    w.id(),
                                                    WorkerSpec.Kind.WHOLE,
                                                    w.kv(),
                                                    4,
                                                    false,
                                                    w.latency()))
                            .toList();
            SimSettings settings =
                    Scenarios.settings(
                            Scenarios.policy(policy),
                            workers,
                            new StepTiming(Scenarios.TRUTH, 0.1, 0, 1),
                            seed);
            List<SimRequest> requests =
                    Scenarios.threeClasses(100, 3, seed).stream()
                            .map(
                                    r ->
                                            new SimRequest(
                                                    r.arrivalNanos(),
                                                    new RequestSpec(
                                                            r.spec().id(),
                                                            r.spec().sloClass(),
                                                            3,
                                                            List.of(1),
                                                            1,
                                                            1),
                                                    1))
                            .toList();
            List<SimOutcome> outcomes =
                    checked(seed, () -> new SimFleet(settings, SimFleet.Log.NONE).run(requests));
            assertTrue(
                    outcomes.stream().allMatch(o -> o.completed() || o.refused() != null),
                    "seed " + seed);
        }
    }

    /**
     * Requests without objective wait for at most their backlog divided by their share: here, in
     * prompt tokens that others get meanwhile, once for binding and once on the worker.
     */
    @Test
    void theWaitOfThoseWithoutObjectiveIsBounded() {
        int leftoverTokens = 20 * 100;
        double mostOthers = 2 * leftoverTokens * (1 - 0.05) / 0.05;
        for (long seed : seeds()) {
            List<SimRequest> requests = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                RequestSpec spec =
                        new RequestSpec(100_000 + i, SloClass.BEST_EFFORT, 3, List.of(100), 1, 4);
                requests.add(new SimRequest(0, spec, 4));
            }
            for (SimRequest r : Scenarios.threeClasses(40, 60, seed)) {
                if (r.spec().sloClass().equals(Scenarios.CHAT)) {
                    requests.add(r);
                }
            }
            SimFleet fleet =
                    new SimFleet(Scenarios.settings("hfx", 1, SLOTS, seed), SimFleet.Log.NONE);
            List<SimOutcome> outcomes = checked(seed, () -> fleet.run(requests));
            long lastNanos =
                    outcomes.subList(0, 20).stream()
                            .mapToLong(o -> o.timelines().get(0).ttftNanos())
                            .max()
                            .orElseThrow();
            long othersTokens =
                    outcomes.stream()
                            .skip(20)
                            .filter(SimOutcome::completed)
                            .filter(
                                    o ->
                                            o.request().arrivalNanos()
                                                            + o.timelines().get(0).ttftNanos()
                                                    < lastNanos)
                            .mapToLong(o -> o.request().spec().totalPromptTokens())
                            .sum();
            assertTrue(
                    othersTokens <= mostOthers,
                    "seed " + seed + ": " + othersTokens + " tokens went first");
        }
    }

    private static <T> T checked(long seed, Supplier<T> run) {
        try {
            return run.get();
        } catch (RuntimeException e) {
            throw new AssertionError("failed with -Dhfx.seed=" + seed, e);
        }
    }
}
