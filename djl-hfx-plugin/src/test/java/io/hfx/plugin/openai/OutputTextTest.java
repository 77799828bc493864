package io.hfx.plugin.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.hfx.plugin.testing.ByteTokenizer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Text of one sequence: whole characters, and nothing from a stop string on. */
class OutputTextTest {
    private static final int TEXTS = 2_000;

    @Test
    void stopFinderGivesWhatSearchingTheWholeTextGives() {
        for (long seed = 0; seed < TEXTS; seed++) {
            Random random = new Random(seed);
            List<String> stops = List.of(text(random, 1, 4), text(random, 1, 4));
            String whole = text(random, 0, 30);
            StopFinder finder = new StopFinder(stops);
            StringBuilder given = new StringBuilder();
            int at = 0;
            while (at < whole.length() && !finder.found()) {
                given.append(finder.accept(whole.substring(at, ++at)));
            }
            if (!finder.found()) {
                given.append(finder.rest());
            }
            assertEquals(beforeFirstComplete(whole, stops), given.toString(), "seed " + seed);
        }
    }

    /** The text before the stop string that is complete first; of several, the longest. */
    private static String beforeFirstComplete(String whole, List<String> stops) {
        for (int end = 1; end <= whole.length(); end++) {
            String read = whole.substring(0, end);
            int start =
                    stops.stream()
                            .filter(read::endsWith)
                            .mapToInt(stop -> read.length() - stop.length())
                            .min()
                            .orElse(-1);
            if (start >= 0) {
                return read.substring(0, start);
            }
        }
        return whole;
    }

    @Test
    void heldBackTextIsOnlyWhatMayBecomeAStopString() {
        StopFinder finder = new StopFinder(List.of("</s>"));
        assertEquals("a<", finder.accept("a<") + finder.rest());
        assertEquals("a", finder.accept("a<"));
        assertEquals("<b", finder.accept("b"));
        assertEquals("x", finder.accept("x</s>y"));
        assertEquals("", finder.rest());
    }

    @Test
    void charactersAreNeverCut() {
        ByteTokenizer tokenizer = new ByteTokenizer();
        String whole = "a é € 😀 中文 z";
        TokenText text = new TokenText(tokenizer);
        StringBuilder given = new StringBuilder();
        for (int id : tokenizer.encode(whole, false)) {
            String piece = text.accept(id);
            assertFalse(piece.contains("\uFFFD"), piece);
            given.append(piece);
        }
        assertEquals(whole, given + text.rest());
    }

    @Test
    void randomBytesComeOutInTheEndAndNeverWaitLong() {
        ByteTokenizer tokenizer = new ByteTokenizer();
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            TokenText text = new TokenText(tokenizer);
            int waiting = 0;
            for (int i = 0; i < 100; i++) {
                waiting = text.accept(random.nextInt(256)).isEmpty() ? waiting + 1 : 0;
                assertFalse(waiting > 3, "seed " + seed);
            }
        }
    }

    private static String text(Random random, int least, int most) {
        StringBuilder text = new StringBuilder();
        int length = least + random.nextInt(most - least + 1);
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(2)));
        }
        return text.toString();
    }
}
