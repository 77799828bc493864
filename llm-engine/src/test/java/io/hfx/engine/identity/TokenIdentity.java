package io.hfx.engine.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The rule of token identity: a greedy token equals the reference's wherever the reference's top
 * two logits are at least {@link #LEAST_MARGIN} apart. Positions below are forced to the reference
 * and counted; they may be 1 % of all.
 */
public final class TokenIdentity {
    static final double LEAST_MARGIN = 1e-3;

    /** A prompt, the greedy tokens after it and how clear each was. */
    public record Case(String model, int[] prompt, int[] tokens, double[] margins) {
        @Override
        public String toString() {
            return model + " prompt of " + prompt.length;
        }
    }

    private int compared;
    private int forced;

    /** The committed reference of a checkpoint, which must be the one that it was made from. */
    public static List<Case> reference(String model, Path checkpoint) {
        String sha256 = References.sha256(checkpoint);
        for (JsonNode node : load().get("models")) {
            if (node.get("name").asText().equals(model)) {
                assertEquals(
                        node.get("sha256").asText(),
                        sha256,
                        "the generator of " + model + " changed: make the tokens again");
                List<Case> cases = new ArrayList<>();
                for (JsonNode item : node.get("cases")) {
                    cases.add(read(model, item));
                }
                return cases;
            }
        }
        throw new IllegalArgumentException("no reference for " + model);
    }

    /** A sequence that follows one case. */
    public Track track(Case reference) {
        return new Track(reference);
    }

    /** Fails if too many positions were too close to call, or none was compared. */
    public void assertClear() {
        assertTrue(compared > 0, "nothing was compared");
        assertTrue(
                forced <= Math.max(1, (compared + forced) / 100),
                forced + " of " + (compared + forced) + " positions had a small margin");
    }

    /** The highest logit; ties go to the lowest id. */
    public static int argmax(FloatBuffer logits) {
        int best = 0;
        for (int i = 1; i < logits.limit(); i++) {
            if (logits.get(i) > logits.get(best)) {
                best = i;
            }
        }
        return best;
    }

    /** Compares one sequence, token by token. */
    public final class Track {
        private final Case reference;
        private int position;

        private Track(Case reference) {
            this.reference = reference;
        }

        public Case reference() {
            return reference;
        }

        /** Tokens accepted so far. */
        public int position() {
            return position;
        }

        public boolean finished() {
            return position == reference.tokens().length;
        }

        /** The token to feed next: the last one accepted. */
        public int last() {
            return reference.tokens()[position - 1];
        }

        public void accept(FloatBuffer logits) {
            int token = argmax(logits);
            if (reference.margins()[position] >= LEAST_MARGIN) {
                assertEquals(
                        reference.tokens()[position],
                        token,
                        reference
                                + ", token "
                                + position
                                + " (margin "
                                + reference.margins()[position]
                                + ")");
                compared++;
            } else {
                forced++;
            }
            position++;
        }
    }

    private static Case read(String model, JsonNode node) {
        return new Case(
                model,
                new ObjectMapper().convertValue(node.get("prompt"), int[].class),
                new ObjectMapper().convertValue(node.get("tokens"), int[].class),
                new ObjectMapper().convertValue(node.get("margins"), double[].class));
    }

    private static JsonNode load() {
        try (InputStream in = TokenIdentity.class.getResourceAsStream("/identity/tokens.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
