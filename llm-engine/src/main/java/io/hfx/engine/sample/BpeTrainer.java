package io.hfx.engine.sample;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Learns byte-pair merges from weighted words: the heaviest pair of neighbours becomes a token, and
 * so on (Sennrich, Haddow, Birch: Neural Machine Translation of Rare Words with Subword Units,
 * 2016). Ties go to the pair with the lower ids, so the result depends on nothing but the words.
 */
final class BpeTrainer {
    /**
     * What was learnt.
     *
     * @param tokens by id; the alphabet first, then one token per merge
     * @param merges left and right part of each merge, with a space between
     */
    record Merges(List<String> tokens, List<String> merges) {}

    private record Candidate(long pair, long weight) {}

    private static final class Word {
        private final long weight;
        private int[] symbols;

        Word(int[] symbols, long weight) {
            this.symbols = symbols;
            this.weight = weight;
        }

        long pair(int at) {
            return (long) symbols[at] << 32 | symbols[at + 1];
        }

        void merge(int left, int right, int merged) {
            int[] out = new int[symbols.length];
            int length = 0;
            for (int i = 0; i < symbols.length; i++) {
                boolean hit =
                        symbols[i] == left && i + 1 < symbols.length && symbols[i + 1] == right;
                out[length++] = hit ? merged : symbols[i];
                i += hit ? 1 : 0;
            }
            symbols = Arrays.copyOf(out, length);
        }
    }

    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String> merges = new ArrayList<>();
    private final Map<Long, Long> weights = new HashMap<>();
    private final Map<Long, Set<Word>> users = new HashMap<>();
    private final PriorityQueue<Candidate> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Candidate::weight)
                            .reversed()
                            .thenComparingLong(Candidate::pair));

    private BpeTrainer() {}

    /**
     * Learns until there are {@code size} tokens.
     *
     * @param alphabet the first tokens, one character each
     * @param words text to weight, over the alphabet
     * @throws IllegalStateException if the words have too few pairs
     */
    static Merges train(List<String> alphabet, Map<String, Long> words, int size) {
        BpeTrainer trainer = new BpeTrainer();
        alphabet.forEach(trainer::addToken);
        words.forEach(trainer::addWord);
        trainer.weights.forEach((pair, weight) -> trainer.queue.add(new Candidate(pair, weight)));
        while (trainer.tokens.size() < size) {
            trainer.step();
        }
        return new Merges(List.copyOf(trainer.tokens), List.copyOf(trainer.merges));
    }

    private int addToken(String token) {
        ids.put(token, tokens.size());
        tokens.add(token);
        return tokens.size() - 1;
    }

    private void addWord(String text, long weight) {
        int[] symbols = text.chars().map(c -> ids.get(Character.toString(c))).toArray();
        Word word = new Word(symbols, weight);
        for (int i = 0; i + 1 < symbols.length; i++) {
            add(word, word.pair(i));
        }
    }

    private void add(Word word, long pair) {
        weights.merge(pair, word.weight, Long::sum);
        users.computeIfAbsent(pair, p -> new HashSet<>()).add(word);
    }

    private void step() {
        Candidate best = queue.poll();
        if (best == null) {
            throw new IllegalStateException("too few words for " + tokens.size() + " tokens");
        }
        long weight = weights.getOrDefault(best.pair, 0L);
        if (weight <= 0) {
            return;
        }
        if (weight != best.weight) {
            queue.add(new Candidate(best.pair, weight));
            return;
        }
        int left = (int) (best.pair >>> 32);
        int right = (int) best.pair;
        String text = tokens.get(left) + tokens.get(right);
        weights.remove(best.pair);
        if (ids.containsKey(text)) {
            return;
        }
        merges.add(tokens.get(left) + ' ' + tokens.get(right));
        apply(best.pair, left, right, addToken(text));
    }

    /**
     * Merges a pair in all its words. Pairs that lose weight are corrected when they are polled.
     */
    private void apply(long pair, int left, int right, int merged) {
        Set<Long> grown = new HashSet<>();
        for (Word word : users.getOrDefault(pair, Set.of())) {
            for (int i = 0; i + 1 < word.symbols.length; i++) {
                weights.merge(word.pair(i), -word.weight, Long::sum);
            }
            word.merge(left, right, merged);
            for (int i = 0; i + 1 < word.symbols.length; i++) {
                if (word.symbols[i] == merged || word.symbols[i + 1] == merged) {
                    add(word, word.pair(i));
                    grown.add(word.pair(i));
                } else {
                    weights.merge(word.pair(i), word.weight, Long::sum);
                }
            }
        }
        users.remove(pair);
        weights.remove(pair);
        for (long changed : grown) {
            queue.add(new Candidate(changed, weights.getOrDefault(changed, 0L)));
        }
    }
}
