package io.hfx.plugin.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.executor.SelfTest;
import io.hfx.engine.weights.ModelFingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a seed tells besides the image's manifest: JSON, at most 64 KiB, signed with it.
 *
 * @param fingerprint of the model
 * @param bootId of the host; empty where it is not known
 * @param socket where processes of that host can attach to the memory; empty where they cannot
 * @param selfTest that a joiner must pass
 */
record SeedCard(ModelFingerprint fingerprint, String bootId, String socket, SelfTest selfTest) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** The id of this host since it was started; empty where it has none. */
    static String ownBootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Whether the seed's processes could share memory with those of this host. */
    boolean isOfThisHost() {
        return !bootId.isEmpty() && bootId.equals(ownBootId());
    }

    byte[] encode() {
        ObjectNode root =
                JSON.createObjectNode()
                        .put("config", fingerprint.config())
                        .put("sample", fingerprint.sample())
                        .put("boot_id", bootId)
                        .put("socket", socket);
        ObjectNode test = root.putObject("self_test");
        ArrayNode prompt = test.putArray("prompt");
        selfTest.prompt().forEach(prompt::add);
        ArrayNode tokens = test.putArray("tokens");
        ArrayNode margins = test.putArray("margins");
        for (SelfTest.Answer answer : selfTest.answers()) {
            tokens.add(answer.token());
            margins.add(answer.margin());
        }
        return root.toString().getBytes(UTF_8);
    }

    /**
     * Parses a card.
     *
     * @param where what the message begins with
     * @throws WeightsException if it is none
     */
    static SeedCard parse(String where, byte[] encoded) {
        try {
            JsonNode root = JSON.readTree(encoded);
            JsonNode test = root.path("self_test");
            List<Integer> tokens = integers(test.path("tokens"));
            JsonNode margins = test.path("margins");
            if (margins.size() != tokens.size()) {
                throw new IllegalArgumentException("tokens and margins differ in number");
            }
            List<SelfTest.Answer> answers = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                answers.add(new SelfTest.Answer(tokens.get(i), margins.get(i).floatValue()));
            }
            return new SeedCard(
                    new ModelFingerprint(text(root, "config"), text(root, "sample")),
                    text(root, "boot_id"),
                    text(root, "socket"),
                    new SelfTest(integers(test.path("prompt")), answers));
        } catch (IOException | IllegalArgumentException e) {
            throw new WeightsException(where + ": says nothing of its model that can be read");
        }
    }

    private static String text(JsonNode root, String field) {
        JsonNode value = root.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("no text " + field);
        }
        return value.textValue();
    }

    private static List<Integer> integers(JsonNode array) {
        List<Integer> values = new ArrayList<>();
        for (JsonNode value : array) {
            if (!value.isInt()) {
                throw new IllegalArgumentException("not an integer");
            }
            values.add(value.intValue());
        }
        return values;
    }
}
