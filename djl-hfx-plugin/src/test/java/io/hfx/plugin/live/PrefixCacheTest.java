package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.prefix.PrefixStats;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.sample.SampleModel;
import io.hfx.engine.sampling.SamplingParams;
import io.hfx.engine.text.CheckpointTokenizer;
import io.hfx.engine.weights.ModelWeights;
import io.hfx.plugin.live.FaultyExecutor.Call;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServedModel;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.WorkerSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The prefix cache in live services on the real executor: the tokens are those of a service without
 * it, whatever happens to requests and workers, and nothing stays held.
 */
class PrefixCacheTest {
    private static final int TOKENS = 12;
    private static final int CONTEXT = 640;
    private static final int SLOTS = 6;

    /** As a server has it: the policy bounds a step. */
    private static final OrtOptions OPTIONS = new OrtOptions(SLOTS, CONTEXT, SLOTS * CONTEXT);

    private static final long LARGE = 1L << 28;

    @TempDir static Path folder;

    private static OrtModel model;
    private static CheckpointTokenizer tokenizer;

    /** Counts what the planners order, and waits for chunks. */
    private static final class Counts implements LoopLog {
        final AtomicInteger prefilled = new AtomicInteger();
        final AtomicInteger restored = new AtomicInteger();
        final AtomicInteger preempted = new AtomicInteger();
        final CountDownLatch firstStep = new CountDownLatch(1);

        @Override
        public void worker(WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {
            if (event instanceof WorkerEvent.StepDone) {
                firstStep.countDown();
            }
            for (WorkerCommand command : commands) {
                if (command instanceof WorkerCommand.Run run) {
                    run.plan().chunks().stream()
                            .mapToInt(StepPlan.Chunk::tokens)
                            .forEach(prefilled::addAndGet);
                } else if (command instanceof WorkerCommand.Restore restore) {
                    restored.addAndGet(restore.tokens());
                } else if (command instanceof WorkerCommand.Release release
                        && release.cause() == WorkerCommand.Cause.PREEMPTED) {
                    preempted.incrementAndGet();
                }
            }
        }
    }

    /** Hears how much came from the cache, too. */
    private static final class Hearing extends Listening {
        private int cached;

        Hearing(int sequences) {
            super(sequences);
        }

        @Override
        public synchronized void cached(int tokens) {
            assertTrue(tokens >= cached, "less than before");
            cached = tokens;
        }

        synchronized int cachedTokens() {
            return cached;
        }

        List<List<Integer>> tokens(int sequences) {
            return IntStream.range(0, sequences).mapToObj(this::ids).toList();
        }
    }

    @BeforeAll
    static void load() throws Exception {
        SampleModel.create(SampleModel.Size.TINY, folder, 1);
        model = OrtModel.of(ModelWeights.load(folder), 1);
        tokenizer = CheckpointTokenizer.load(folder);
    }

    @AfterAll
    static void unload() {
        model.close();
        tokenizer.close();
    }

    private static PrefixStore store(long bytes) {
        return new PrefixStore(
                model.modelHash(), 64, OrtExecutor.kvBytesPerToken(model.config()), bytes);
    }

    private static LiveModelService start(
            Policy policy, int workers, LoopLog log, PrefixStore prefixes) {
        Supplier<TokenExecutor> executors = () -> new OrtExecutor(model, OPTIONS);
        return start(policy, executors, workers, log, prefixes);
    }

    private static LiveModelService start(
            Policy policy,
            Supplier<TokenExecutor> executors,
            int workers,
            LoopLog log,
            PrefixStore prefixes) {
        LiveSettings settings =
                new LiveSettings(
                        policy, PolicyConfig.DEFAULTS, DispatcherLimits.DEFAULTS, LiveFleet.THREE);
        ServedModel served = new ServedModel("tiny", tokenizer, null, CONTEXT, 0);
        return new LiveModelService(served, executors, workers, List.of(0), settings, log, prefixes)
                .start();
    }

    private static Policy policy(String name) {
        return Policies.named(name, PrefixCacheTest.class.getClassLoader());
    }

    private static GenerationRequest request(
            long id, List<int[]> prompts, int choices, String scope) {
        return new GenerationRequest(
                        id,
                        prompts,
                        choices,
                        SamplingParams.GREEDY,
                        GenerationRequest.NO_LOGPROBS,
                        TOKENS,
                        0,
                        true,
                        Set.of(),
                        LiveFleet.TIGHT,
                        3,
                        System.nanoTime())
                .withCacheScope(scope);
    }

    private static Hearing submit(LiveModelService service, GenerationRequest request) {
        Hearing hearing = new Hearing(request.sequences());
        service.submit(request, hearing);
        return hearing;
    }

    private static Hearing ask(LiveModelService service, long id, String scope, int[] prompt)
            throws InterruptedException {
        Hearing hearing = submit(service, request(id, List.of(prompt), 1, scope));
        hearing.await();
        return hearing;
    }

    private static int[] prompt(int tokens, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, tokens).map(i -> 64 + random.nextInt(1_000)).toArray();
    }

    /** What a service without a cache answers. */
    private static List<Integer> expected(int[] prompt) throws InterruptedException {
        try (LiveModelService service = start(policy("fcfs"), 1, LoopLog.NONE, null)) {
            return ask(service, 1, "a", prompt).ids(0);
        }
    }

    private static int[] joined(int[] prompt, List<Integer> output, int[] more) {
        int[] ids = output.stream().mapToInt(Integer::intValue).toArray();
        int[] all = Arrays.copyOf(prompt, prompt.length + ids.length + more.length);
        System.arraycopy(ids, 0, all, prompt.length, ids.length);
        System.arraycopy(more, 0, all, prompt.length + ids.length, more.length);
        return all;
    }

    private static void assertNothingHeld(PrefixStore store) {
        PrefixStats stats = store.stats();
        assertEquals(0, stats.pinnedBlocks(), stats.toString());
        assertTrue(stats.bytes() <= stats.capacityBytes(), stats.toString());
    }

    @Test
    void aSecondTurnComputesOnlyWhatIsNew() throws Exception {
        int[] prompt = prompt(250, 1);
        List<Integer> first = expected(prompt);
        int[] second = joined(prompt, first, prompt(30, 2));
        PrefixStore store = store(LARGE);
        Counts counts = new Counts();
        try (LiveModelService service = start(policy("hfx"), 1, counts, store)) {
            Hearing one = ask(service, 1, "a", prompt);
            assertEquals(first, one.ids(0));
            assertEquals(0, one.cachedTokens());
            assertEquals(250, counts.prefilled.getAndSet(0));
            Hearing two = ask(service, 2, "a", second);
            assertEquals(expected(second), two.ids(0));
            assertEquals(256, two.cachedTokens(), "six tokens of the output among them");
            assertEquals(second.length - 256, counts.prefilled.get());
            assertEquals(256, store.stats().hitTokens());
            assertEquals(250 + second.length, store.stats().askedTokens());
        }
        assertNothingHeld(store);
    }

    @Test
    void theLastTokenOfAPromptIsAlwaysComputed() throws Exception {
        PrefixStore store = store(LARGE);
        Counts counts = new Counts();
        try (LiveModelService service = start(policy("fcfs"), 1, counts, store)) {
            int id = 0;
            for (int tokens : new int[] {64, 65, 128, 129}) {
                int[] prompt = prompt(tokens, 3);
                ask(service, ++id, "scope " + tokens, prompt);
                counts.prefilled.set(0);
                Hearing again = ask(service, ++id, "scope " + tokens, prompt);
                assertEquals(expected(prompt), again.ids(0), tokens + " tokens");
                assertEquals((tokens - 1) / 64 * 64, again.cachedTokens());
                assertEquals(tokens - again.cachedTokens(), counts.prefilled.get());
            }
        }
        assertNothingHeld(store);
    }

    @Test
    void groupsTakeEachPromptOnce() throws Exception {
        int[] one = prompt(200, 4);
        int[] other = prompt(130, 5);
        List<Integer> ofOne = expected(one);
        List<Integer> ofOther = expected(other);
        PrefixStore store = store(LARGE);
        Counts counts = new Counts();
        try (LiveModelService service = start(policy("fcfs"), 1, counts, store)) {
            for (int round = 1; round <= 2; round++) {
                counts.prefilled.set(0);
                Hearing heard = submit(service, request(round, List.of(one, other), 3, "a"));
                heard.await();
                for (int i = 0; i < 6; i++) {
                    assertEquals(i < 3 ? ofOne : ofOther, heard.ids(i), "sequence " + i);
                }
                int cached = round == 1 ? 0 : 192 + 128;
                assertEquals(cached, heard.cachedTokens());
                assertEquals(330 - cached, counts.prefilled.get());
            }
            assertEquals(2 * 330, store.stats().askedTokens());
        }
        assertNothingHeld(store);
    }

    @Test
    void scopesNeverShareAndNoneKeepsNothing() throws Exception {
        int[] prompt = prompt(200, 6);
        List<Integer> tokens = expected(prompt);
        PrefixStore store = store(LARGE);
        try (LiveModelService service = start(policy("hfx"), 2, LoopLog.NONE, store)) {
            Hearing none = ask(service, 1, null, prompt);
            assertEquals(0, store.stats().blocks());
            assertEquals(tokens, none.ids(0));
            ask(service, 2, "web\n", prompt);
            for (String scope : new String[] {"other\n", "web\nsalt", "\n", null}) {
                Hearing heard = ask(service, 10 + (scope + "").length(), scope, prompt);
                assertEquals(0, heard.cachedTokens(), "scope " + scope);
                assertEquals(tokens, heard.ids(0));
            }
            assertEquals(192, ask(service, 3, "web\n", prompt).cachedTokens());
        }
        assertNothingHeld(store);
    }

    /** The others wait on the same worker while the first one's chunks go into the cache. */
    @Test
    void whatStillRunsIsSharedWithWhatWaits() throws Exception {
        int[] start = prompt(500, 7);
        PrefixStore store = store(LARGE);
        Counts counts = new Counts();
        List<Hearing> all = new ArrayList<>();
        List<int[]> prompts = new ArrayList<>();
        try (LiveModelService service = start(policy("sarathi"), 1, counts, store)) {
            for (int i = 0; i < 4; i++) {
                prompts.add(joined(start, List.of(), prompt(40, 8 + i)));
                all.add(submit(service, request(i, List.of(prompts.get(i)), 1, "a")));
            }
            for (Hearing each : all) {
                each.await();
            }
        }
        for (int i = 0; i < 4; i++) {
            assertEquals(expected(prompts.get(i)), all.get(i).ids(0), "request " + i);
        }
        int cached = all.stream().mapToInt(Hearing::cachedTokens).sum();
        assertTrue(cached >= 448, cached + " tokens shared");
        assertEquals(4 * 540 - cached, counts.prefilled.get());
        assertNothingHeld(store);
    }

    @Test
    void aCancelledPrefillLeavesOnlyWhatIsRight() throws Exception {
        int[] prompt = prompt(600, 12);
        List<Integer> tokens = expected(prompt);
        PrefixStore store = store(LARGE);
        for (int round = 0; round < 3; round++) {
            Counts counts = new Counts();
            try (LiveModelService service = start(policy("sarathi"), 1, counts, store)) {
                submit(service, request(1, List.of(prompt), 2, "round " + round));
                assertTrue(counts.firstStep.await(20, TimeUnit.SECONDS));
                service.cancel(1);
                Hearing again = ask(service, 2, "round " + round, prompt);
                assertEquals(tokens, again.ids(0));
                assertTrue(again.cachedTokens() < 600);
            }
            assertNothingHeld(store);
        }
    }

    @Test
    void whatWasPreemptedComesBackFromTheCache() throws Exception {
        int[] one = prompt(200, 13);
        int[] other = prompt(150, 14);
        List<Integer> ofOne = expected(one);
        List<Integer> ofOther = expected(other);
        PrefixStore store = store(LARGE);
        Counts counts = new Counts();
        try (LiveModelService service = start(new PreemptingPolicy(), 1, counts, store)) {
            Hearing heard = submit(service, request(1, List.of(one, other), 2, "a"));
            heard.await();
            assertEquals(List.of(ofOne, ofOne, ofOther, ofOther), heard.tokens(4));
            assertEquals(0, heard.cachedTokens(), "nothing was there before it");
        }
        assertTrue(counts.preempted.get() >= 3, counts.preempted + " preemptions");
        assertTrue(counts.restored.get() >= 128, counts.restored + " tokens restored");
        assertNothingHeld(store);
    }

    /** Room for less than two prompts: blocks go and come while three workers use them. */
    @Test
    void workersShareASmallCache() throws Exception {
        long seed = 15;
        int[][] starts = {prompt(190, 16), prompt(320, 17), prompt(100, 18)};
        SplittableRandom random = new SplittableRandom(seed);
        List<int[]> prompts = new ArrayList<>();
        List<List<Integer>> wanted = new ArrayList<>();
        try (LiveModelService service = start(policy("fcfs"), 1, LoopLog.NONE, null)) {
            for (int i = 0; i < 36; i++) {
                int[] start = starts[random.nextInt(starts.length)];
                int end = 1 + random.nextInt(100);
                prompts.add(joined(start, List.of(), prompt(end, random.nextInt(4))));
                wanted.add(ask(service, i, null, prompts.get(i)).ids(0));
            }
        }
        long block = 64 * (OrtExecutor.kvBytesPerToken(model.config()) + 4) + 256;
        PrefixStore store = store(7 * block);
        try (LiveModelService service = start(policy("hfx"), 3, LoopLog.NONE, store)) {
            List<Hearing> all = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                all.add(submit(service, request(i, List.of(prompts.get(i)), 1, "a")));
                if (i % 6 == 5) {
                    all.get(i).await();
                }
            }
            for (int i = 0; i < all.size(); i++) {
                all.get(i).await();
                assertEquals(wanted.get(i), all.get(i).ids(0), "request " + i + ", seed " + seed);
            }
        }
        PrefixStats stats = store.stats();
        assertTrue(stats.evictedBlocks() > 0 && stats.hitTokens() > 0, stats.toString());
        assertNothingHeld(store);
    }

    /** The worker fails with the request; the next one and its cache serve on. */
    @ParameterizedTest
    @EnumSource(names = {"EXPORT", "RESTORE"})
    void aFailedCopyHoldsNothing(Call call) throws Exception {
        FaultyExecutor.Faults faults = new FaultyExecutor.Faults();
        Supplier<TokenExecutor> executors =
                () -> new FaultyExecutor(new OrtExecutor(model, OPTIONS), faults);
        int[] prompt = prompt(200, 19);
        List<Integer> tokens = expected(prompt);
        PrefixStore store = store(LARGE);
        try (LiveModelService service = start(policy("fcfs"), executors, 1, LoopLog.NONE, store)) {
            if (call == Call.RESTORE) {
                ask(service, 1, "a", prompt);
            }
            faults.arm(call, 0, 1, () -> new IllegalStateException("told to fail"));
            Hearing failed = ask(service, 2, "a", prompt);
            assertNotNull(failed.failure);
            assertEquals(0, faults.left());
            assertEquals(tokens, ask(service, 3, "a", prompt).ids(0));
        }
        assertNothingHeld(store);
    }
}
