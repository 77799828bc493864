package io.hfx.engine.sampling;

import java.util.Arrays;

/**
 * Which tokens a sequence holds and how often each stands in its output; what penalties need. A
 * token costs one look-up, a penalty one step per different token. One thread.
 */
final class TokenCounts {
    private static final int FREE = -1;

    /** Open addressing; at most half full. */
    private int[] slots = new int[64];

    /** Different tokens, in order of their first occurrence, and how often in the output. */
    private int[] ids = new int[32];

    private int[] outputs = new int[32];
    private int size;

    TokenCounts() {
        Arrays.fill(slots, FREE);
    }

    void addPrompt(int id) {
        find(id);
    }

    void addOutput(int id) {
        int place = find(id);
        outputs[place]++;
    }

    /**
     * Applies the penalties in place: repetition (Keskar et al. 2019, section 4.1) to tokens of
     * prompt and output, then frequency and presence (OpenAI's definition) to tokens of the output.
     * Ids at or above {@code vocabulary} have no logit.
     */
    void penalise(float[] logits, int vocabulary, SamplingParams params) {
        float repetition = (float) params.repetitionPenalty();
        float presence = (float) params.presencePenalty();
        float frequency = (float) params.frequencyPenalty();
        for (int i = 0; i < size; i++) {
            int id = ids[i];
            if (id >= vocabulary) {
                continue;
            }
            float logit = logits[id] > 0 ? logits[id] / repetition : logits[id] * repetition;
            if (outputs[i] > 0) {
                logit = logit - frequency * outputs[i] - presence;
            }
            logits[id] = logit;
        }
    }

    /** Place of a token, which is added where it is new. */
    private int find(int id) {
        int slot = slot(id);
        while (slots[slot] != FREE) {
            if (ids[slots[slot]] == id) {
                return slots[slot];
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        if (size == ids.length) {
            grow();
            return find(id);
        }
        ids[size] = id;
        slots[slot] = size;
        return size++;
    }

    private int slot(int id) {
        return ((id * 0x9E3779B9) >>> 7) & (slots.length - 1);
    }

    private void grow() {
        ids = Arrays.copyOf(ids, 2 * size);
        outputs = Arrays.copyOf(outputs, 2 * size);
        slots = new int[4 * size];
        Arrays.fill(slots, FREE);
        for (int i = 0; i < size; i++) {
            int slot = slot(ids[i]);
            while (slots[slot] != FREE) {
                slot = (slot + 1) & (slots.length - 1);
            }
            slots[slot] = i;
        }
    }
}
