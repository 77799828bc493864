package io.hfx.scheduler.policy.parts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OutputLengthsTest {
    private final OutputLengths lengths = new OutputLengths();

    @Test
    void nothingIsSaidOfTooFewOrOfAnotherClass() {
        for (int i = 0; i < 7; i++) {
            lengths.ended("chat", 100);
        }
        assertEquals(0, lengths.remaining("chat", 1, 0.5));
        lengths.ended("chat", 100);
        assertEquals(99, lengths.remaining("chat", 1, 0.5));
        assertEquals(0, lengths.remaining("code", 1, 0.5));
    }

    @Test
    void whatHasOutgrownSomeIsComparedWithTheLongerOnes() {
        for (int i = 1; i <= 100; i++) {
            lengths.ended("chat", i);
        }
        assertEquals(25, lengths.remaining("chat", 1, 0.25));
        assertEquals(51, lengths.remaining("chat", 0, 0.5));
        assertEquals(1, lengths.remaining("chat", 80, 0));
        assertEquals(11, lengths.remaining("chat", 80, 0.5));
        assertEquals(0, lengths.remaining("chat", 95, 0.5), "five were longer");
    }

    @Test
    void onlyTheNewestCount() {
        long seed = Long.getLong("hfx.seed", 7);
        System.out.println("OutputLengthsTest: -Dhfx.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            int tokens = 1 + random.nextInt(40);
            all.add(tokens);
            lengths.ended("chat", tokens);
            List<Integer> newest = all.subList(Math.max(0, all.size() - 128), all.size());
            List<Integer> longer = newest.stream().filter(n -> n > 10).sorted().toList();
            int expected = longer.size() < 8 ? 0 : longer.get(longer.size() / 2) - 10;
            assertEquals(expected, lengths.remaining("chat", 10, 0.5), "after " + all.size());
        }
        assertTrue(lengths.remaining("chat", 10, 0.99) <= 30);
    }
}
