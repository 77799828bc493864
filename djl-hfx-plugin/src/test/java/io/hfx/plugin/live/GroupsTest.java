package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.sample.SampleModel;
import io.hfx.engine.sampling.LogitBias;
import io.hfx.engine.sampling.SamplingParams;
import io.hfx.engine.sampling.TokenLogprobs;
import io.hfx.engine.text.CheckpointTokenizer;
import io.hfx.engine.weights.ModelWeights;
import io.hfx.plugin.service.GenerationListener.FinishReason;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.service.Token;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several choices and prompts on a real model: what a choice draws depends on its prompt, the seed
 * and its number alone.
 */
@Timeout(120)
class GroupsTest {
    private static final int TOKENS = 16;
    private static final int[] HELLO = IntStream.range(10, 31).toArray();
    private static final int[] OTHER = IntStream.range(200, 205).toArray();
    private static final SamplingParams DRAWN =
            SamplingParams.builder()
                    .temperature(0.9)
                    .topP(0.98)
                    .topK(200)
                    .repetitionPenalty(1.1)
                    .presencePenalty(0.3)
                    .frequencyPenalty(0.2)
                    .logitBias(LogitBias.of(Map.of(7, 2f)))
                    .seed(41)
                    .build();

    @TempDir static Path folder;

    private static OrtModel model;
    private static CheckpointTokenizer tokenizer;

    /** Counts what the planners order. */
    private static final class Counts implements LoopLog {
        final AtomicInteger prefilled = new AtomicInteger();
        final AtomicInteger preempted = new AtomicInteger();

        @Override
        public void worker(WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {
            for (WorkerCommand command : commands) {
                if (command instanceof WorkerCommand.Run run) {
                    run.plan().chunks().stream()
                            .mapToInt(StepPlan.Chunk::tokens)
                            .forEach(prefilled::addAndGet);
                } else if (command instanceof WorkerCommand.Release release
                        && release.cause() == WorkerCommand.Cause.PREEMPTED) {
                    preempted.incrementAndGet();
                }
            }
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

    private static LiveModelService start(Policy policy, int workers, LoopLog log) {
        LiveSettings settings =
                new LiveSettings(
                        policy,
                        PolicyConfig.DEFAULTS,
                        DispatcherLimits.DEFAULTS,
                        RestartLimits.DEFAULTS);
        ServedModel served = new ServedModel("tiny", tokenizer, null, 128, 0);
        return new LiveModelService(
                        served,
                        () -> new OrtExecutor(model, new OrtOptions(6, 128, 6 * 128)),
                        workers,
                        List.of(0),
                        settings,
                        log)
                .start();
    }

    private static Policy fcfs() {
        return Policies.named("fcfs", GroupsTest.class.getClassLoader());
    }

    private static GenerationRequest request(long id, List<int[]> prompts, int choices) {
        return request(id, prompts, choices, DRAWN, 0, Set.of());
    }

    private static GenerationRequest request(
            long id,
            List<int[]> prompts,
            int choices,
            SamplingParams params,
            int minTokens,
            Set<Integer> stops) {
        return new GenerationRequest(
                id,
                prompts,
                choices,
                params,
                3,
                TOKENS,
                minTokens,
                true,
                stops,
                LiveFleet.TIGHT,
                3,
                System.nanoTime());
    }

    private static Listening submit(LiveModelService service, GenerationRequest request) {
        Listening listening = new Listening(request.sequences());
        service.submit(request, listening);
        return listening;
    }

    private static List<List<Integer>> tokens(LiveModelService service, GenerationRequest request)
            throws InterruptedException {
        Listening heard = submit(service, request).await();
        return IntStream.range(0, request.sequences()).mapToObj(heard::ids).toList();
    }

    /** What each choice of each prompt draws when it is asked for in a small group. */
    private static List<List<Integer>> expected(int[] prompt) throws InterruptedException {
        try (LiveModelService service = start(fcfs(), 1, LoopLog.NONE)) {
            return tokens(service, request(1, List.of(prompt), 4));
        }
    }

    /**
     * All sequences but one at most: where the batch has another shape, float32 sums differ in
     * their last bits, and a draw within that of a border, one in a hundred thousand, goes the
     * other way. What is wrong in the draws themselves shows in most sequences.
     */
    private static void assertSame(List<List<Integer>> expected, List<List<Integer>> actual) {
        assertEquals(expected.size(), actual.size());
        long differing =
                IntStream.range(0, expected.size())
                        .filter(i -> !expected.get(i).equals(actual.get(i)))
                        .count();
        assertTrue(differing <= 1, () -> expected + " expected, but was " + actual);
    }

    @Test
    void aChoiceDrawsTheSameAloneAndInAnyGroupAndAPromptIsPrefilledOnce() throws Exception {
        Counts counts = new Counts();
        List<List<Integer>> hello = expected(HELLO);
        List<List<Integer>> other = expected(OTHER);
        assertEquals(4, Set.copyOf(hello).size(), "each choice has its own draws");
        assertNotEquals(hello, other);
        try (LiveModelService service = start(fcfs(), 1, counts)) {
            assertEquals(hello.subList(0, 1), tokens(service, request(1, List.of(HELLO), 1)));
            assertEquals(HELLO.length, counts.prefilled.get());
            List<List<Integer>> both = tokens(service, request(2, List.of(HELLO, OTHER), 3));
            assertEquals(2 * HELLO.length + OTHER.length, counts.prefilled.get());
            assertSame(firstThree(hello, other), both);
        }
    }

    private static List<List<Integer>> firstThree(
            List<List<Integer>> one, List<List<Integer>> other) {
        List<List<Integer>> all = new ArrayList<>(one.subList(0, 3));
        all.addAll(other.subList(0, 3));
        return all;
    }

    @Test
    void preemptionDoesNotChangeTheDraws() throws Exception {
        List<List<Integer>> hello = expected(HELLO);
        List<List<Integer>> other = expected(OTHER);
        Counts counts = new Counts();
        try (LiveModelService service = start(new PreemptingPolicy(), 1, counts)) {
            List<List<Integer>> both = tokens(service, request(1, List.of(HELLO, OTHER), 3));
            assertSame(firstThree(hello, other), both);
        }
        assertTrue(counts.preempted.get() >= 3, counts.preempted + " preemptions");
    }

    @Test
    void neitherWorkersNorCompanyChangeTheDraws() throws Exception {
        List<List<Integer>> hello = expected(HELLO);
        List<List<Integer>> other = expected(OTHER);
        for (int workers : new int[] {1, 3}) {
            try (LiveModelService service = start(fcfs(), workers, LoopLog.NONE)) {
                List<Listening> all = new ArrayList<>();
                List<List<Integer>> wanted = new ArrayList<>();
                List<List<Integer>> drawn = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    int choices = 1 + i % 4;
                    int[] prompt = i % 2 == 0 ? HELLO : OTHER;
                    all.add(submit(service, request(i, List.of(prompt), choices)));
                }
                for (int i = 0; i < 16; i++) {
                    Listening heard = all.get(i).await();
                    for (int choice = 0; choice < 1 + i % 4; choice++) {
                        wanted.add((i % 2 == 0 ? hello : other).get(choice));
                        drawn.add(heard.ids(choice));
                    }
                }
                assertSame(wanted, drawn);
            }
        }
    }

    /** Six slots; the rest waits, and is prefilled when its turn comes. */
    @Test
    void aGroupLargerThanAWorkerIsServedInTurns() throws Exception {
        List<List<Integer>> hello = expected(HELLO);
        for (String policy : List.of("fcfs", "sarathi", "edf", "hfx")) {
            Policy named = Policies.named(policy, GroupsTest.class.getClassLoader());
            try (LiveModelService service = start(named, 1, LoopLog.NONE)) {
                List<List<Integer>> all = tokens(service, request(1, List.of(HELLO), 10));
                assertSame(hello, all.subList(0, 4));
                assertEquals(10, Set.copyOf(all).size());
            }
        }
    }

    @Test
    void oneSequenceIsStoppedWhileTheOthersRunOn() throws Exception {
        List<List<Integer>> hello = expected(HELLO);
        try (LiveModelService service = start(fcfs(), 1, LoopLog.NONE)) {
            Listening listening =
                    new Listening(4) {
                        @Override
                        public synchronized void token(int sequence, Token token) {
                            super.token(sequence, token);
                            if (sequence == 2 && tokens.get(2).size() == 5) {
                                service.stop(1, 2);
                            }
                        }
                    };
            service.submit(request(1, List.of(HELLO), 4), listening);
            listening.await();
            assertEquals(FinishReason.STOP, listening.finished.get(2));
            List<Integer> cut = listening.ids(2);
            assertTrue(cut.size() >= 5 && cut.size() < TOKENS, cut.toString());
            List<List<Integer>> wanted = new ArrayList<>(hello);
            wanted.set(2, hello.get(2).subList(0, cut.size()));
            for (int choice : new int[] {0, 1, 3}) {
                assertEquals(FinishReason.LENGTH, listening.finished.get(choice));
            }
            assertSame(wanted, IntStream.range(0, 4).mapToObj(listening::ids).toList());
        }
    }

    @Test
    void stopTokensEndASequenceButNotBeforeItsLeastTokens() throws Exception {
        SamplingParams greedy =
                SamplingParams.builder().temperature(0).repetitionPenalty(1.5).build();
        List<int[]> prompt = List.of(HELLO);
        try (LiveModelService service = start(fcfs(), 1, LoopLog.NONE)) {
            List<Integer> whole =
                    tokens(service, request(1, prompt, 1, greedy, 0, Set.of())).get(0);
            int stop = whole.get(4);
            int at = whole.indexOf(stop);
            Listening ended =
                    submit(service, request(2, prompt, 1, greedy, 0, Set.of(stop))).await();
            assertEquals(FinishReason.STOP, ended.finished.get(0));
            assertEquals(whole.subList(0, at + 1), ended.ids(0));
            for (int i = 0; i <= at; i++) {
                assertEquals(i == at, ended.tokens.get(0).get(i).ends());
            }
            Listening barred =
                    submit(service, request(3, prompt, 1, greedy, 12, Set.of(stop))).await();
            assertTrue(barred.ids(0).size() >= 12, barred.ids(0).toString());
            assertFalse(barred.ids(0).subList(0, 12).contains(stop));
            assertEquals(whole.subList(0, at), barred.ids(0).subList(0, at));
        }
    }

    @Test
    void logprobsAreTheModelsOwn() throws Exception {
        try (LiveModelService service = start(fcfs(), 1, LoopLog.NONE)) {
            Listening drawn = submit(service, request(1, List.of(HELLO), 2)).await();
            drawn.tokens.values().forEach(all -> all.forEach(GroupsTest::checkLogprobs));
            SamplingParams greedy = SamplingParams.GREEDY;
            GenerationRequest request = request(2, List.of(HELLO), 1, greedy, 0, Set.of());
            for (Token token : submit(service, request).await().tokens.get(0)) {
                checkLogprobs(token);
                assertEquals(token.id(), token.logprobs().topIds()[0]);
                assertEquals(token.logprobs().chosen(), token.logprobs().topLogprobs()[0]);
            }
            // Penalties and temperature move the draw, not the logprobs of the same first position.
            TokenLogprobs first = drawn.tokens.get(0).get(0).logprobs();
            TokenLogprobs again = drawn.tokens.get(1).get(0).logprobs();
            assertEquals(first.topLogprobs()[0], again.topLogprobs()[0]);
        }
    }

    private static void checkLogprobs(Token token) {
        TokenLogprobs logprobs = token.logprobs();
        assertEquals(3, logprobs.topIds().length);
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += Math.exp(logprobs.topLogprobs()[i]);
            assertTrue(i == 0 || logprobs.topLogprobs()[i - 1] >= logprobs.topLogprobs()[i]);
            assertTrue(
                    token.id() != logprobs.topIds()[i]
                            || logprobs.chosen() == logprobs.topLogprobs()[i]);
        }
        assertTrue(sum <= 1 && logprobs.chosen() <= logprobs.topLogprobs()[0]);
    }
}
