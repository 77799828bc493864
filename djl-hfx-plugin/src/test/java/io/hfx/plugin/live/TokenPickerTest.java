package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.hfx.engine.sampling.SamplingParams;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.Token;
import io.hfx.scheduler.request.SequenceKey;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenPickerTest {
    private static final int VOCABULARY = 300;
    private static final int END = 4;

    private static ActiveRequest active(int logprobs, int minTokens, boolean ignoreEos) {
        SamplingParams params =
                SamplingParams.builder()
                        .repetitionPenalty(1.4)
                        .presencePenalty(0.5)
                        .frequencyPenalty(0.5)
                        .seed(9)
                        .build();
        GenerationRequest request =
                new GenerationRequest(
                        1,
                        List.of(new int[] {1, 2, 3}, new int[] {7}),
                        3,
                        params,
                        logprobs,
                        100,
                        minTokens,
                        ignoreEos,
                        Set.of(9),
                        LiveFleet.TIGHT,
                        3,
                        0);
        return new ActiveRequest(request, new Listening(6));
    }

    private static FloatBuffer logits(int position) {
        float[] logits = new float[VOCABULARY];
        Random random = new Random(position);
        for (int id = 0; id < VOCABULARY; id++) {
            logits[id] = (float) random.nextGaussian();
        }
        return FloatBuffer.wrap(logits);
    }

    /** Sequence 4 of the request, 60 tokens; what is kept of it may be dropped at each. */
    private static List<Integer> run(TokenPicker picker, boolean drop) {
        ActiveRequest active = active(GenerationRequest.NO_LOGPROBS, 0, true);
        SequenceKey key = new SequenceKey(1, 4);
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Token token = picker.pick(logits(i), key, active);
            assertNull(token.logprobs());
            active.token(4, token);
            ids.add(token.id());
            if (drop) {
                picker.release(key);
                assertEquals(0, picker.sequences());
            }
        }
        assertEquals(drop ? 0 : 1, picker.sequences());
        return ids;
    }

    @Test
    void whatWasDroppedIsMadeAnewFromTheTokens() {
        assertEquals(
                run(new TokenPicker(List.of(END)), false),
                run(new TokenPicker(List.of(END)), true));
    }

    @Test
    void endsAreBarredWhileTooFewTokensAreOutAndEosWhereItIsIgnoredIsNone() {
        FloatBuffer onlyEnds = FloatBuffer.wrap(new float[10]);
        onlyEnds.put(END, 60).put(9, 70);
        for (boolean ignoreEos : new boolean[] {false, true}) {
            ActiveRequest active = active(2, 1, ignoreEos);
            TokenPicker picker = new TokenPicker(List.of(END));
            SequenceKey key = new SequenceKey(1, 0);
            Token first = picker.pick(onlyEnds, key, active);
            assertEquals(false, first.ends());
            assertEquals(ignoreEos, first.id() == END);
            active.token(0, first);
            Token second = picker.pick(onlyEnds, key, active);
            assertEquals(9, second.id());
            assertEquals(true, second.ends());
            assertNotNull(second.logprobs());
            assertEquals(9, second.logprobs().topIds()[0]);
            assertEquals(END, second.logprobs().topIds()[1]);
        }
    }
}
