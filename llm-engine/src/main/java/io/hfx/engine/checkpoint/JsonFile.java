package io.hfx.engine.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a checkpoint, with typed access to its fields. A field that is absent or null
 * takes the fallback; one of another type or out of range is refused with a message that names file
 * and field. Immutable.
 */
public final class JsonFile {
    /** Largest JSON file that is read, but for tokenizer.json, which the tokenizer reads itself. */
    private static final long MAX_BYTES = 64L << 20;

    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

    private final String source;
    private final ObjectNode root;

    private JsonFile(String source, ObjectNode root) {
        this.source = source;
        this.root = root;
    }

    /** Reads a file that must exist and hold one JSON object of at most 64 MiB. */
    public static JsonFile read(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new CheckpointException(file + ": no such file");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new CheckpointException(file + ": larger than " + MAX_BYTES + " bytes");
            }
            return parse(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    static JsonFile parse(String source, byte[] utf8) {
        try {
            if (MAPPER.readTree(utf8) instanceof ObjectNode root) {
                return new JsonFile(source, root);
            }
            throw new CheckpointException(source + ": must hold a JSON object");
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    source + ": not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(source + ": cannot be read: " + e.getMessage(), e);
        }
    }

    String source() {
        return source;
    }

    /** The whole object. */
    public ObjectNode root() {
        return root;
    }

    /** The value of a field; null when it is absent or a JSON null. */
    public @Nullable JsonNode get(String field) {
        JsonNode node = root.get(field);
        return node == null || node.isNull() ? null : node;
    }

    /** An integer of at least 1 and at most {@code max}; the field must be there. */
    int count(String field, int max) {
        JsonNode node = get(field);
        if (node == null) {
            throw new CheckpointException(source + ": field " + field + " is missing");
        }
        return integer(field, node, 1, max);
    }

    int count(String field, int max, int fallback) {
        return get(field) == null ? fallback : count(field, max);
    }

    int integer(String field, JsonNode node, int min, int max) {
        if (!node.canConvertToInt()
                || !node.isIntegralNumber()
                || node.intValue() < min
                || node.intValue() > max) {
            throw refuse(field, node, "an integer from " + min + " to " + max);
        }
        return node.intValue();
    }

    double positive(String field, double fallback) {
        JsonNode node = get(field);
        if (node == null) {
            return fallback;
        }
        if (!node.isNumber() || !(node.doubleValue() > 0) || node.doubleValue() > 1e12) {
            throw refuse(field, node, "a number above 0, at most 1e12");
        }
        return node.doubleValue();
    }

    boolean flag(String field, boolean fallback) {
        JsonNode node = get(field);
        if (node == null) {
            return fallback;
        }
        if (!node.isBoolean()) {
            throw refuse(field, node, "true or false");
        }
        return node.booleanValue();
    }

    CheckpointException refuse(String field, JsonNode found, String allowed) {
        String text = found.toString();
        String shown = text.length() > 200 ? text.substring(0, 200) + "..." : text;
        return new CheckpointException(
                source + ": field " + field + " is " + shown + "; supported: " + allowed);
    }

    /** An object inside this one, whose messages name the way to it. */
    JsonFile child(String field, ObjectNode node) {
        return new JsonFile(source + ": in " + field, node);
    }
}
