package io.hfx.cli.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.SplittableRandom;

/** Writes prompts of a given length, each another one, so that no prefix cache helps. */
sealed interface Prompt {
    /** Writes the field or fields that hold the prompt. */
    void write(JsonGenerator json, int promptTokens, SplittableRandom random) throws IOException;

    /**
     * Token ids drawn from a range that every vocabulary has and that holds no special tokens.
     *
     * @param fromId first id
     * @param toId after the last id
     */
    record TokenIds(int fromId, int toId) implements Prompt {
        /** Byte-level vocabularies have their bytes here, others their pieces. */
        static final TokenIds COMMON = new TokenIds(64, 256);

        @Override
        public void write(JsonGenerator json, int promptTokens, SplittableRandom random)
                throws IOException {
            json.writeArrayFieldStart("prompt");
            for (int i = 0; i < promptTokens; i++) {
                json.writeNumber(random.nextInt(fromId, toId));
            }
            json.writeEndArray();
        }
    }

    /**
     * Common English words in a chat message; their number follows from what the server counted for
     * two probes.
     *
     * @param baseTokens that the chat template adds
     * @param tokensPerWord above 0
     */
    record Words(double baseTokens, double tokensPerWord) implements Prompt {
        static final Words UNCALIBRATED = new Words(0, 1);

        private static final String[] WORDS = {
            "the",
            "time",
            "of",
            "year",
            "people",
            "way",
            "day",
            "man",
            "thing",
            "woman",
            "life",
            "child",
            "world",
            "school",
            "state",
            "family",
            "student",
            "group",
            "country",
            "problem",
            "hand",
            "part",
            "place",
            "case",
            "week",
            "company",
            "system",
            "program",
            "question",
            "work",
            "government",
            "number"
        };

        /** From the server's count of prompts of so many words. */
        static Words calibrated(int words1, int tokens1, int words2, int tokens2) {
            double perWord = (double) (tokens2 - tokens1) / (words2 - words1);
            return perWord > 0 ? new Words(tokens1 - perWord * words1, perWord) : UNCALIBRATED;
        }

        @Override
        public void write(JsonGenerator json, int promptTokens, SplittableRandom random)
                throws IOException {
            long words = Math.max(1, Math.round((promptTokens - baseTokens) / tokensPerWord));
            StringBuilder text = new StringBuilder();
            for (long i = 0; i < words; i++) {
                text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
            }
            json.writeArrayFieldStart("messages");
            json.writeStartObject();
            json.writeStringField("role", "user");
            json.writeStringField("content", text.toString());
            json.writeEndObject();
            json.writeEndArray();
        }
    }
}
