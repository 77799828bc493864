package io.hfx.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.sample.SampleFixture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DetokenizerTest {
    private static final String MIXED =
            "Grüße, 日本語と中文 한국어 👩‍👩‍👧‍👦🎉 plain text, e\u0301, tab\t, \u200b and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢.\n";

    private static Tokenizer tokenizer;

    @BeforeAll
    static void load() {
        tokenizer = CheckpointTokenizer.load(SampleFixture.TINY);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    private static List<String> pieces(int[] ids) {
        Detokenizer detokenizer = new Detokenizer(tokenizer, true);
        List<String> pieces = new ArrayList<>();
        for (int id : ids) {
            pieces.add(detokenizer.push(id));
        }
        pieces.add(detokenizer.flush());
        return pieces;
    }

    @Test
    void givesEachCharacterWhole() {
        int[] ids = tokenizer.encode(MIXED.repeat(20), false);
        List<String> pieces = pieces(ids);
        assertEquals(MIXED.repeat(20), String.join("", pieces));
        for (String piece : pieces) {
            assertFalse(piece.contains("\uFFFD"), piece);
            assertFalse(
                    !piece.isEmpty() && Character.isLowSurrogate(piece.charAt(0)),
                    "half a character");
        }
    }

    @Test
    void givesPlainTextWithoutDelay() {
        int[] ids = tokenizer.encode("please explain the queue", false);
        List<String> pieces = pieces(ids);
        for (int i = 0; i < ids.length; i++) {
            assertEquals(tokenizer.decode(new int[] {ids[i]}, true), pieces.get(i));
        }
    }

    @Test
    void equalsTheWholeDecodeForRandomIds() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            int[] ids =
                    IntStream.range(0, 400)
                            .map(i -> random.nextInt(random.nextBoolean() ? 256 : 2000))
                            .toArray();
            assertEquals(tokenizer.decode(ids, true), String.join("", pieces(ids)), "seed " + seed);
        }
    }

    @Test
    void equalsTheWholeDecodeForBrokenUtf8() {
        // Ids below 256 are bytes: leads without continuations, continuations without leads.
        for (int[] cycle :
                new int[][] {{0x80}, {0xe4}, {0xf0, 0x9f, 0x98}, {0xe4, 0xb8}, {0xf0, 0x9f, 'a'}}) {
            int[] ids = IntStream.range(0, 100).map(i -> cycle[i % cycle.length]).toArray();
            assertEquals(
                    tokenizer.decode(ids, true),
                    String.join("", pieces(ids)),
                    Arrays.toString(cycle));
        }
    }

    @Test
    void holdsBackAtMostOneCharacterOfABrokenRun() {
        Detokenizer detokenizer = new Detokenizer(tokenizer, true);
        int chars = 0;
        for (int i = 0; i < 1000; i++) {
            chars += detokenizer.push(0x80).length();
            assertTrue(chars >= i - 2, "after " + (i + 1) + " bytes: " + chars);
        }
    }
}
