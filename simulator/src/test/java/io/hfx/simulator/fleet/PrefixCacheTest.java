package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.kv.RestoreSpec;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.workload.PromptPrefix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fleets whose workers share a prefix cache. */
class PrefixCacheTest {
    private static final double TOKEN_NANOS = 9_000;
    private static final KvBudget KV = new KvBudget.Slots(12, 4_096);

    static Stream<String> policies() {
        return Policies.all(PrefixCacheTest.class.getClassLoader()).keySet().stream();
    }

    private static SimSettings settings(
            String policy, int workers, KvBudget kv, StepTiming timing, long cache, long seed) {
        RestoreSpec restore = new RestoreSpec(64, TOKEN_NANOS);
        return new SimSettings(
                Scenarios.policy(policy),
                PolicyConfig.DEFAULTS,
                DispatcherLimits.DEFAULTS,
                Scenarios.workers(workers, kv).stream()
                        .map(w -> new SimWorkerSpec(w.restoring(restore), timing, true))
                        .toList(),
                Scenarios.NETWORK,
                cache,
                seed);
    }

    private static StepTiming exact() {
        return new StepTiming(Scenarios.TRUTH, 0, 0, 1);
    }

    private static SimRequest turn(long id, long atMillis, int promptTokens, Long... runs) {
        RequestSpec spec =
                new RequestSpec(id, SloClass.BEST_EFFORT, 3, List.of(promptTokens), 1, 2);
        return new SimRequest(atMillis * Scenarios.MS, spec, 2)
                .beginning(new PromptPrefix(List.of(runs), 512));
    }

    /** Two turns of a chat, each alone: the second takes 1,024 of its 1,600 tokens. */
    private static List<SimRequest> chat() {
        return List.of(turn(1, 0, 1_100, 1L, 2L), turn(2, 20_000, 1_600, 1L, 2L, 3L));
    }

    private static long secondTtftNanos(String policy, int workers, long cache, SimFleet.Log log) {
        SimSettings settings = settings(policy, workers, KV, exact(), cache, 1);
        List<SimOutcome> outcomes = new SimFleet(settings, log).run(chat());
        return outcomes.get(1).timelines().get(0).ttftNanos();
    }

    private static long secondTtftNanos(long cache) {
        return secondTtftNanos("fcfs", 1, cache, SimFleet.Log.NONE);
    }

    @Test
    void aHitSavesItsPrefillAndCostsItsCopying() {
        long delayNanos = Scenarios.MS;
        long coldNanos = Scenarios.TRUTH.stepNanos(StepShape.EMPTY.plusChunk(0, 1_600));
        long restNanos = Scenarios.TRUTH.stepNanos(StepShape.EMPTY.plusChunk(1_024, 576));

        assertEquals(delayNanos + coldNanos, secondTtftNanos(0));
        assertEquals(
                delayNanos + Math.round(1_024 * TOKEN_NANOS) + restNanos, secondTtftNanos(100_000));
        assertTrue(restNanos + 1_024 * TOKEN_NANOS < coldNanos / 2.0);
    }

    /** Round-robin gives the second turn to the other worker: the store is that of both. */
    @Test
    void allWorkersShareIt() {
        Set<WorkerId> ran = new HashSet<>();
        SimFleet.Log log =
                new SimFleet.Log() {
                    @Override
                    public void worker(
                            WorkerId worker, WorkerEvent event, List<WorkerCommand> commands) {
                        ran.add(worker);
                    }
                };
        long twoNanos = secondTtftNanos("round-robin", 2, 100_000, log);
        long oneNanos = secondTtftNanos("round-robin", 1, 100_000, SimFleet.Log.NONE);

        assertEquals(2, ran.size());
        assertEquals(oneNanos, twoNanos);
    }

    @Test
    void hitsAreCountedOverPrompts() {
        SimSettings settings = settings("fcfs", 1, KV, exact(), 100_000, 1);
        RunTotals totals =
                new SimFleet(settings, SimFleet.Log.NONE).run(chat().iterator(), outcome -> {});

        assertEquals(2_700, totals.askedTokens());
        assertEquals(1_024, totals.cachedTokens());
        assertEquals(1_024 / 2_700.0, totals.cachedShare());
    }

    /** Blocks are put in behind the step that fills them, and the next step waits for that. */
    @Test
    void puttingDelaysTheNextStep() {
        List<Long> gaps = new ArrayList<>();
        for (long cache : new long[] {0, 100_000}) {
            SimSettings settings = settings("fcfs", 1, KV, exact(), cache, 1);
            List<SimRequest> one = List.of(turn(1, 0, 1_100, 1L, 2L));
            var timeline =
                    new SimFleet(settings, SimFleet.Log.NONE).run(one).get(0).timelines().get(0);
            gaps.add(timeline.atNanos(1) - timeline.atNanos(0));
        }
        long putNanos = Math.round(1_088 * TOKEN_NANOS);
        assertEquals(putNanos, gaps.get(1) - gaps.get(0), "17 blocks");
    }

    @Test
    void workersThatTakeOtherBlocksAreRefused() {
        List<SimWorkerSpec> workers =
                Scenarios.workers(1, KV).stream()
                        .map(w -> new SimWorkerSpec(w, exact(), true))
                        .toList();
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new SimSettings(
                                Scenarios.policy("fcfs"),
                                PolicyConfig.DEFAULTS,
                                DispatcherLimits.DEFAULTS,
                                workers,
                                Scenarios.NETWORK,
                                1_000,
                                1));
    }

    /**
     * Whatever comes: the fleet itself checks that every hit is the sequence's own, that nothing
     * stays held, and that the bound is kept. Little KV, so that many are preempted; workers fail.
     */
    @ParameterizedTest
    @MethodSource("policies")
    void anythingGoesWithASmallCacheThatWorkersFailOn(String policy) {
        long cached = 0;
        for (long seed = 1; seed <= Long.getLong("hfx.seeds", 6); seed++) {
            KvBudget kv =
                    seed % 2 == 0
                            ? new KvBudget.Slots(6, 2_048)
                            : new KvBudget.Blocks(200, 16, 2_048);
            StepTiming timing = new StepTiming(Scenarios.TRUTH, 0.1, 0, 8);
            SimFleet fleet =
                    new SimFleet(settings(policy, 2, kv, timing, 6_000, seed), SimFleet.Log.NONE)
                            .failing(new FailureSpec(8_000 * Scenarios.MS, 700 * Scenarios.MS));
            try {
                cached += fleet.run(chats(seed).iterator(), outcome -> {}).cachedTokens();
            } catch (RuntimeException e) {
                throw new AssertionError("failed with seed " + seed, e);
            }
        }
        assertTrue(cached > 1_000, cached + " tokens were cached");
    }

    @Test
    void requestsThatWanderKeepTheirBooks() {
        for (long seed = 1; seed <= 6; seed++) {
            StepTiming timing = new StepTiming(Scenarios.TRUTH, 0.1, Scenarios.MS, 8);
            SimSettings fixed = settings("fcfs", 3, KV, timing, 6_000, seed);
            SimSettings settings =
                    new SimSettings(
                            new Wanderer(seed),
                            fixed.config(),
                            fixed.limits(),
                            fixed.workers(),
                            fixed.network(),
                            fixed.cacheTokens(),
                            seed);
            RunTotals totals =
                    new SimFleet(settings, SimFleet.Log.NONE)
                            .run(chats(seed).iterator(), outcome -> {});
            assertTrue(totals.cachedTokens() > 0, "seed " + seed);
        }
    }

    /** Anything that can come, in one of five chats, a random part of it. */
    private static List<SimRequest> chats(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return Scenarios.wild(100, 8, seed).stream()
                .map(
                        r -> {
                            long chat = 1_000L * random.nextInt(5);
                            int runs = random.nextInt(8);
                            List<Long> ids = LongStream.range(chat, chat + runs).boxed().toList();
                            return r.beginning(new PromptPrefix(ids, 100));
                        })
                .toList();
    }
}
