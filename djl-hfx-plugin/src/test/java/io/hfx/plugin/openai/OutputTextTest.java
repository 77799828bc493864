package io.hfx.plugin.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.hfx.plugin.testing.ByteTokenizer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Text of one sequence: whole characters, and nothing from a stop string on. */
class OutputTextTest {
    private static final int TEXTS = 2_000;

    @Test
    void stopFinderGivesWhatSearchingTheWholeTextGivesHoweverItIsCut() {
        for (long seed = 0; seed < TEXTS; seed++) {
            Random random = new Random(seed);
            List<String> stops =
                    List.of(text(random, 1, 5), text(random, 1, 5), text(random, 1, 5));
            String whole = text(random, 0, 30);
            boolean included = random.nextBoolean();
            StopFinder finder = new StopFinder(stops, included);
            StringBuilder given = new StringBuilder();
            int at = 0;
            while (at < whole.length() && !finder.found()) {
                int to = Math.min(whole.length(), at + random.nextInt(6));
                given.append(finder.accept(whole.substring(at, to)));
                at = to;
            }
            if (!finder.found()) {
                given.append(finder.rest());
            }
            assertEquals(
                    upToFirstComplete(whole, stops, included), given.toString(), "seed " + seed);
        }
    }

    /** Up to the stop string that is complete first; of several, the longest. */
    private static String upToFirstComplete(String whole, List<String> stops, boolean included) {
        for (int end = 1; end <= whole.length(); end++) {
            String read = whole.substring(0, end);
            int start =
                    stops.stream()
                            .filter(read::endsWith)
                            .mapToInt(stop -> read.length() - stop.length())
                            .min()
                            .orElse(-1);
            if (start >= 0) {
                return included ? read : read.substring(0, start);
            }
        }
        return whole;
    }

    @Test
    void heldBackTextIsOnlyWhatMayBecomeAStopString() {
        StopFinder finder = new StopFinder(List.of("</s>"), false);
        assertEquals("a<", finder.accept("a<") + finder.rest());
        assertEquals("a", finder.accept("a<"));
        assertEquals("<b", finder.accept("b"));
        assertEquals("x", finder.accept("x</s>y"));
        assertEquals("", finder.rest());
    }

    @Test
    void piecesAreWholeCharactersAndStopsMayBeAnyOfThem() {
        ByteTokenizer tokenizer = new ByteTokenizer();
        OutputSequence output = new OutputSequence(tokenizer, stops("😀z"));
        StringBuilder given = new StringBuilder();
        for (int id : tokenizer.encode("a é € 😀 中文 😀z!", false)) {
            String piece = output.accept(id, 1);
            assertFalse(piece.contains("\uFFFD"), piece);
            given.append(piece);
            if (output.stopped()) {
                break;
            }
        }
        assertEquals("a é € 😀 中文 ", given + output.close());
    }

    @Test
    void brokenEndComesOutWhenTheSequenceEnds() {
        OutputSequence output = new OutputSequence(new ByteTokenizer(), stops("zz"));
        assertEquals("a", output.accept('a', 1));
        assertEquals("", output.accept('z', 2));
        assertEquals("", output.accept(0xe2, 3));
        assertEquals("z\uFFFD", output.close());
    }

    private static StopRules stops(String... strings) {
        return new StopRules(List.of(strings), Set.of(), false, 0);
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
