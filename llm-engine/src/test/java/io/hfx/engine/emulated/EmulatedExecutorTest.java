package io.hfx.engine.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.executor.ExecutorContract;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on the emulated executor, its time by hand-made figures, and its tokens. */
final class EmulatedExecutorTest extends ExecutorContract {
    private static final LatencyProfile PROFILE = new LatencyProfile(1000, 100, 2, 5000, 300, 10);

    private final FakeWaiting waiting = new FakeWaiting();

    /** Time passes by waiting only, and each wait oversleeps by a given time. */
    private static final class FakeWaiting implements Waiting {
        private long nowNanos = -50;
        private long oversleepNanos;

        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public void until(long deadlineNanos) {
            nowNanos = Math.max(nowNanos, deadlineNanos + oversleepNanos);
        }
    }

    @Override
    protected TokenExecutor create() {
        EmulatedOptions options =
                new EmulatedOptions(
                        "hash",
                        53,
                        SLOTS,
                        MAX_SEQUENCE_TOKENS,
                        MAX_STEP_TOKENS,
                        512,
                        7,
                        Set.of(0, 1, 2));
        return new EmulatedExecutor(options, PROFILE, waiting);
    }

    @Test
    void aStepTakesWhatTheProfileSays() {
        assertTrue(executor().spec().emulated());
        KvSequence a = executor().open(60);
        KvSequence b = executor().open(60);
        // 1000 + 100*10 + 2*(10*10/2)
        assertEquals(2100, nanosOf(new StepInput(List.of(chunk(a, 10, true)))));
        // 1000 + 100*10 + 2*(10*10 + 10*10/2)
        assertEquals(2300, nanosOf(new StepInput(List.of(chunk(a, 10, true)))));
        // decode of a over 20, chunk of b: 5000 + 300 + 10*20 + 1000 + 100*4 + 2*8
        StepInput mixed = new StepInput(List.of(chunk(a, 1, true), chunk(b, 4, true)));
        assertEquals(6916, nanosOf(mixed));
        // a first token alone is a prompt
        KvSequence c = executor().open(60);
        assertEquals(1101, nanosOf(new StepInput(List.of(chunk(c, 1, true)))));
    }

    @Test
    void oversleepingDoesNotAddUp() {
        waiting.oversleepNanos = 40;
        KvSequence a = executor().open(60);
        assertEquals(2100 + 40, nanosOf(new StepInput(List.of(chunk(a, 10, true)))));
    }

    @Test
    void tokensAreAFunctionOfModelAndLengthAndNeverForbidden() {
        KvSequence a = executor().open(64);
        KvSequence b = executor().open(64);
        run(chunk(b, 3, false));
        boolean varied = false;
        float[] last = new float[0];
        for (int length = 1; length < 64; length++) {
            float[] logits = run(chunk(a, 1, true));
            for (int forbidden = 0; forbidden < 3; forbidden++) {
                assertEquals(0, logits[forbidden]);
            }
            if (length == 4) {
                assertArrayEquals(logits, run(chunk(b, 1, true)));
            }
            varied |= length > 1 && !java.util.Arrays.equals(logits, last);
            last = logits;
        }
        assertTrue(varied);
    }

    @Test
    void theProfileNamesFileAndField(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("profile.json");
        String good =
                "{\"chunkNanos\":1,\"promptTokenNanos\":2,\"attentionPairNanos\":0.5,"
                        + "\"decodeStepNanos\":3,\"decodeNanos\":4,\"contextTokenNanos\":5}";
        Files.writeString(file, good);
        assertEquals(new LatencyProfile(1, 2, 0.5, 3, 4, 5), LatencyProfile.read(file));
        String whole = good.replace("}", ",\"stepNanos\":7,\"name\":\"mine\",\"kvBlocks\":9}");
        Files.writeString(file, whole);
        assertEquals(new LatencyProfile(7, 1, 2, 0.5, 3, 4, 5), LatencyProfile.read(file));
        for (String[] bad :
                new String[][] {
                    {good.replace("\"decodeNanos\":4,", ""), "decodeNanos"},
                    {good.replace("1,", "\"1\","), "chunkNanos must be a number"},
                    {good.replace("\"decodeNanos\"", "\"decodNanos\""), "decod"},
                    {good.replace("0.5", "-1"), "attentionPairNanos must be 0 to"},
                }) {
            Files.writeString(file, bad[0]);
            String message =
                    assertThrows(IllegalArgumentException.class, () -> LatencyProfile.read(file))
                            .getMessage();
            assertTrue(message.contains("profile.json") && message.contains(bad[1]), message);
        }
    }

    private long nanosOf(StepInput input) {
        long before = waiting.nanoTime();
        try (StepCursor cursor = executor().begin(input)) {
            while (!cursor.advance()) {}
        }
        return waiting.nanoTime() - before;
    }
}
