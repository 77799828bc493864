package io.hfx.engine.sample;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The text that the sample tokenizers learn from: English words by falling frequency, their
 * endings, digits and blanks, and made-up words of syllables to fill large vocabularies.
 */
final class SampleWords {
    private static final String RESOURCE = "words.txt";

    /** Weight of the most frequent word; falls with the rank, as words in English do. */
    private static final long TOP_WEIGHT = 200_000_000;

    private static final int RANK_OFFSET = 20;

    /** Below that of every English word, so that made-up words only take what is left. */
    private static final long MADE_WEIGHT = 100;

    private static final List<String> ENDINGS = List.of("s", "ed", "ing", "er", "ly");
    private static final List<String> ONSETS =
            List.of(
                    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v",
                    "w", "z", "br", "ch", "cl", "cr", "dr", "fl", "gr", "pl", "pr", "sh", "sl",
                    "st", "str", "th", "tr");
    private static final List<String> VOWELS =
            List.of("a", "e", "i", "o", "u", "ai", "ea", "ee", "ie", "oo", "ou");
    private static final List<String> CODAS =
            List.of("", "", "", "l", "m", "n", "r", "s", "t", "ck", "ll", "nd", "ng", "nt", "st");

    /** Fixed, so that all samples of one size share a tokenizer. */
    private static final CounterRandom RANDOM = CounterRandom.of(0x5eed, 1);

    private SampleWords() {}

    /**
     * Words to weight, as the pre-tokenizer cuts them: most with their leading blank.
     *
     * @param made number of made-up words
     */
    static Map<String, Long> weighted(int made) {
        Map<String, Long> words = new LinkedHashMap<>();
        int rank = 0;
        for (String word : read()) {
            long weight = TOP_WEIGHT / (rank + RANK_OFFSET);
            add(words, word, weight);
            if (word.length() > 3) {
                String stem = word.endsWith("e") ? word.substring(0, word.length() - 1) : word;
                for (String ending : ENDINGS) {
                    boolean vowel = "ei".indexOf(ending.charAt(0)) >= 0;
                    add(words, (vowel ? stem : word) + ending, weight / 10);
                }
            }
            rank++;
        }
        addDigitsAndBlanks(words);
        for (int i = 0; i < made; i++) {
            words.putIfAbsent(' ' + made(i), MADE_WEIGHT);
        }
        return words;
    }

    private static void add(Map<String, Long> words, String word, long weight) {
        String capital = word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
        words.merge(' ' + word, weight, Long::sum);
        words.merge(word, weight / 20, Long::sum);
        words.merge(' ' + capital, weight / 30, Long::sum);
        words.merge(capital, weight / 30, Long::sum);
    }

    private static void addDigitsAndBlanks(Map<String, Long> words) {
        for (int n = 0; n < 100; n++) {
            words.put(String.format(Locale.ROOT, "%02d", n), 50_000L);
            words.put(" " + n, 50_000L);
        }
        for (int n = 2; n <= 16; n *= 2) {
            words.put(" ".repeat(n), 500_000L);
        }
        words.put("\n\n", 1_000_000L);
    }

    /** The file's words, more frequent first, each once. */
    private static Set<String> read() {
        try (InputStream in = SampleWords.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("resource " + RESOURCE + " is missing");
            }
            String text = new String(in.readAllBytes(), UTF_8);
            return new LinkedHashSet<>(List.of(text.strip().split("\\s+", -1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String made(int number) {
        long bits = RANDOM.bits(number);
        StringBuilder word = new StringBuilder();
        int syllables = 2 + (int) (bits & 1);
        bits >>>= 1;
        for (int i = 0; i < syllables; i++) {
            word.append(ONSETS.get((int) (bits & 0xff) % ONSETS.size()));
            word.append(VOWELS.get((int) (bits >>> 8 & 0x3f) % VOWELS.size()));
            word.append(CODAS.get((int) (bits >>> 14 & 0x3f) % CODAS.size()));
            bits >>>= 20;
        }
        return word.toString();
    }
}
