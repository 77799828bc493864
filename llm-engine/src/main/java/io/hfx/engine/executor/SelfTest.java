package io.hfx.engine.executor;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A prompt and what a model makes of it greedily, by which a copy of the model proves itself: a
 * chunk of prefill, then decodes. Where the model itself could hardly decide (the best two logits
 * less than {@value #CERTAIN_MARGIN} apart), a copy on another processor may decide otherwise: such
 * a token is not compared, and the copy goes on from the model's own.
 *
 * @param prompt token ids
 * @param answers in order
 */
public record SelfTest(List<Integer> prompt, List<Answer> answers) {
    /** Positions that the executor must hold. */
    public static final int CONTEXT_TOKENS = 32;

    private static final int PROMPT_TOKENS = 16;
    private static final int ANSWER_TOKENS = CONTEXT_TOKENS - PROMPT_TOKENS;
    private static final int PROMPTS = 4;
    private static final float CERTAIN_MARGIN = 1e-3f;

    /**
     * A token of the answer.
     *
     * @param margin by how much its logit is above the next best
     */
    public record Answer(int token, float margin) {
        boolean certain() {
            return margin >= CERTAIN_MARGIN;
        }
    }

    public SelfTest {
        prompt = List.copyOf(prompt);
        answers = List.copyOf(answers);
        if (prompt.isEmpty() || prompt.size() + answers.size() > CONTEXT_TOKENS) {
            throw new IllegalArgumentException(
                    String.format(
                            "a self-test of %d and %d tokens; allowed: 1 or more, at most %d in all",
                            prompt.size(), answers.size(), CONTEXT_TOKENS));
        }
        if (answers.stream().noneMatch(Answer::certain)) {
            throw new IllegalArgumentException("a self-test without one certain answer");
        }
    }

    /**
     * Asks a model. Of some prompts, the one of most certain answers is kept; empty where the model
     * is certain of nothing, or the executor holds fewer positions than {@link #CONTEXT_TOKENS}.
     */
    public static Optional<SelfTest> of(TokenExecutor executor) {
        if (executor.spec().maxSequenceTokens() < CONTEXT_TOKENS) {
            return Optional.empty();
        }
        List<Integer> bestPrompt = List.of();
        List<Answer> best = List.of();
        for (int i = 0; i < PROMPTS && certain(best) < ANSWER_TOKENS; i++) {
            List<Integer> prompt = prompt(i, executor.spec().vocabulary());
            List<Answer> answers = new ArrayList<>();
            run(
                    executor,
                    prompt,
                    ANSWER_TOKENS,
                    (position, answer) -> {
                        answers.add(answer);
                        return answer.token();
                    });
            if (certain(answers) > certain(best)) {
                bestPrompt = prompt;
                best = answers;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(new SelfTest(bestPrompt, best));
    }

    /** What a copy of the model answers otherwise; empty if it proves itself. */
    public Optional<String> mismatch(TokenExecutor executor) {
        int vocabulary = executor.spec().vocabulary();
        if (prompt.stream().anyMatch(id -> id < 0 || id >= vocabulary)
                || answers.stream().anyMatch(a -> a.token() < 0 || a.token() >= vocabulary)) {
            return Optional.of("the self-test has tokens that the model does not know");
        }
        List<String> differences = new ArrayList<>();
        run(
                executor,
                prompt,
                answers.size(),
                (position, found) -> {
                    Answer expected = answers.get(position);
                    boolean differs = found.token() != expected.token();
                    if (Float.isNaN(found.margin()) || (expected.certain() && differs)) {
                        differences.add(
                                String.format(
                                        "token %d of the self-test is %d; the seed's is %d",
                                        position, found.token(), expected.token()));
                    }
                    return expected.token();
                });
        return differences.stream().findFirst();
    }

    /** Hears of an answer; says which token the sequence goes on with. */
    private interface Judge {
        int next(int position, Answer answer);
    }

    private static void run(
            TokenExecutor executor, List<Integer> prompt, int answers, Judge judge) {
        int[] input = prompt.stream().mapToInt(Integer::intValue).toArray();
        KvSequence sequence = executor.open(prompt.size() + answers);
        try {
            for (int i = 0; i < answers; i++) {
                Segment segment = new Segment(sequence, input, true);
                try (StepCursor cursor = executor.begin(new StepInput(List.of(segment)))) {
                    while (!cursor.advance()) {
                        // slice after slice
                    }
                    input = new int[] {judge.next(i, best(cursor.logits(0)))};
                }
            }
        } finally {
            sequence.close();
        }
    }

    /** The greatest logit; its margin is NaN where any logit is. */
    private static Answer best(FloatBuffer logits) {
        int token = 0;
        float first = Float.NEGATIVE_INFINITY;
        float second = Float.NEGATIVE_INFINITY;
        float sum = 0;
        for (int i = 0; i < logits.remaining(); i++) {
            float logit = logits.get(logits.position() + i);
            sum += logit * 0;
            if (logit > first) {
                second = first;
                first = logit;
                token = i;
            } else if (logit > second) {
                second = logit;
            }
        }
        return new Answer(token, first - second + sum);
    }

    /** Ids spread over the vocabulary by the golden ratio; the same on every machine. */
    private static List<Integer> prompt(int number, int vocabulary) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < PROMPT_TOKENS; i++) {
            double turn = (number * PROMPT_TOKENS + i + 1) * 0.6180339887498949;
            ids.add((int) ((turn - Math.floor(turn)) * vocabulary));
        }
        return ids;
    }

    private static long certain(List<Answer> answers) {
        return answers.stream().filter(Answer::certain).count();
    }
}
