package io.hfx.engine.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.text.CheckpointTokenizer;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleModelTest {
    @TempDir Path dir;

    @Test
    void isEqualToTheByteForTheSameSizeAndSeed() throws IOException {
        SampleModel.create(SampleModel.Size.TINY, dir, 0);
        for (String file : SampleModel.FILES) {
            assertEquals(
                    -1, Files.mismatch(dir.resolve(file), SampleFixture.TINY.resolve(file)), file);
        }
    }

    /** These digests are the promise that another machine writes the same bytes. */
    @Test
    void isEqualToTheByteOnEveryMachine() throws Exception {
        assertEquals(
                "6b09969c3857a2a2e300d956796936de955235689be9390e860c9f135cbb4249",
                sha256("model.safetensors"));
        assertEquals(
                "7d3d0f06e4a773e5168ff25ad95c665f5b264ba933f050ed36bbcd8a511b49f0",
                sha256("tokenizer.json"));
    }

    private static String sha256(String file) throws Exception {
        byte[] bytes = Files.readAllBytes(SampleFixture.TINY.resolve(file));
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void hasOtherWeightsForAnotherSeed() {
        TensorSpec norm = TensorSpec.of(SampleForm.LLAMA.config(SampleModel.Size.TINY)).get(1);
        SampleTokenizer tokenizer = new SampleTokenizer(300);
        short[] one = new short[16];
        short[] two = new short[16];
        new SampleWeights(tokenizer, false, 1).fill(norm, 1, 0, one);
        new SampleWeights(tokenizer, false, 2).fill(norm, 1, 0, two);
        assertNotEquals(HexFormat.of().formatHex(bytes(one)), HexFormat.of().formatHex(bytes(two)));
    }

    private static byte[] bytes(short[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void readsBackAsTheConfigItWasMadeFrom() {
        assertEquals(
                SampleForm.LLAMA.config(SampleModel.Size.TINY),
                ModelConfig.read(SampleFixture.TINY));
    }

    @Test
    void hasTheParametersItsSizeSays() {
        assertEquals(3_188_992, SampleForm.LLAMA.config(SampleModel.Size.TINY).parameters());
        assertEquals(33_298_944, SampleForm.LLAMA.config(SampleModel.Size.SMALL).parameters());
        assertEquals(111_099_648, SampleForm.LLAMA.config(SampleModel.Size.BASE).parameters());
    }

    @Test
    void doesNotOverwrite() {
        assertThrows(
                FileAlreadyExistsException.class,
                () -> SampleModel.create(SampleModel.Size.TINY, SampleFixture.TINY, 1));
    }

    @Test
    void cutsEnglishIntoTokensOfThreeToFiveCharacters() {
        String text =
                "A server that promises each of its users another answer time has to decide, at every"
                        + " step, whose token comes next. It should not make a short question wait"
                        + " behind a long report, nor forget the report.";
        try (CheckpointTokenizer tokenizer = CheckpointTokenizer.load(SampleFixture.TINY)) {
            double perToken = (double) text.length() / tokenizer.encode(text, false).length;
            assertTrue(perToken > 2.8 && perToken < 5, "characters per token: " + perToken);
            assertEquals(2000, tokenizer.vocabulary());
        }
    }

    @Test
    void learnsTheHeaviestPairFirst() {
        BpeTrainer.Merges merges =
                BpeTrainer.train(
                        List.of("a", "b", "c"), Map.of("abab", 3L, "bc", 4L, "abc", 1L), 6);
        // ab 3+3+1 = 7; then bc 4, ab+ab 3.
        assertEquals(List.of("a b", "b c", "ab ab"), merges.merges());
        assertEquals(List.of("a", "b", "c", "ab", "bc", "abab"), merges.tokens());
    }

    @Test
    void roundsToTheNearestBfloat16() {
        assertEquals((short) 0x3f80, SampleWeights.bfloat16(1f));
        assertEquals((short) 0x3f80, SampleWeights.bfloat16(Float.intBitsToFloat(0x3f808000)));
        assertEquals((short) 0x3f82, SampleWeights.bfloat16(Float.intBitsToFloat(0x3f818000)));
        assertEquals((short) 0xbf81, SampleWeights.bfloat16(Float.intBitsToFloat(0xbf808001)));
    }

    @Test
    void drawsNumbersOfMeanZeroAndDeviationOne() {
        CounterRandom random = CounterRandom.of(7, 3);
        double sum = 0;
        double squares = 0;
        int count = 100_000;
        for (int i = 0; i < count; i++) {
            double x = random.normal(i);
            sum += x;
            squares += x * x;
        }
        assertEquals(0, sum / count, 0.01);
        assertEquals(1, squares / count, 0.02);
    }
}
