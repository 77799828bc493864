package io.hfx.plugin.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object, read with their types and ranges; every mistake is a 400 that names
 * the field. Fields that nobody asked for are unknown: see {@link #rejectOthers}. A null counts as
 * absent.
 */
final class Fields {
    private static final int NESTING = 32;
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .build();

    static {
        JSON.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNestingDepth(NESTING)
                                .maxStringLength(Integer.MAX_VALUE)
                                .maxNumberLength(64)
                                .build());
    }

    private final ObjectNode node;
    private final String prefix;
    private final Set<String> known = new HashSet<>();

    private Fields(ObjectNode node, String prefix) {
        this.node = node;
        this.prefix = prefix;
    }

    /** Parses a request's body. */
    static Fields parse(byte[] body) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            JsonNode root = JSON.readTree(text);
            if (root instanceof ObjectNode object) {
                return new Fields(object, "");
            }
            throw bad(null, "The body must be a JSON object");
        } catch (CharacterCodingException e) {
            throw bad(null, "The body is not valid UTF-8");
        } catch (JsonProcessingException e) {
            throw bad(null, "The body is not valid JSON: " + firstLine(e.getOriginalMessage()));
        }
    }

    /** Whether the field is there. */
    boolean has(String field) {
        return node.hasNonNull(field);
    }

    /** The same with a text where the field is not there. */
    Fields withDefault(String field, String value) {
        if (!has(field)) {
            node.put(field, value);
        }
        return this;
    }

    /** The fields of one object inside, whose path is {@code name} for messages. */
    static Fields of(JsonNode node, String path) {
        if (node instanceof ObjectNode object) {
            return new Fields(object, path + ".");
        }
        throw wrongType(path, "an object");
    }

    /** The text of a JSON object inside a string. */
    static ObjectNode parseInside(String text, String path) {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw wrongType(path, "the text of a JSON object");
        } catch (JsonProcessingException e) {
            throw wrongType(path, "the text of a JSON object");
        }
    }

    /** A value that is not allowed, or with null a body that cannot be read. */
    static ApiException bad(@Nullable String param, String message) {
        return ApiError.badRequest(param, message).asException();
    }

    static ApiException missing(String param) {
        return unsupported(param, "missing_required_parameter", param + " must be stated");
    }

    static ApiException wrongType(String param, String allowed) {
        return unsupported(param, "invalid_type", param + " must be " + allowed);
    }

    /** A 400 with a code of its own. */
    static ApiException unsupported(String param, String code, String message) {
        return ApiError.invalid(400, param, code, message).asException();
    }

    /** The full path of a field, for messages. */
    String path(String name) {
        return prefix + name;
    }

    /** The value, unless absent or null. */
    Optional<JsonNode> value(String name) {
        known.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    JsonNode required(String name) {
        return value(name).orElseThrow(() -> missing(path(name)));
    }

    String requiredText(String name) {
        return text(name).orElseThrow(() -> missing(path(name)));
    }

    Optional<Fields> object(String name) {
        return value(name).map(value -> of(value, path(name)));
    }

    Optional<String> text(String name) {
        return value(name)
                .map(
                        value -> {
                            if (!value.isTextual()) {
                                throw wrongType(path(name), "a string");
                            }
                            return value.textValue();
                        });
    }

    boolean flag(String name) {
        return flag(name, false);
    }

    boolean flag(String name, boolean byDefault) {
        return value(name)
                .map(
                        value -> {
                            if (!value.isBoolean()) {
                                throw wrongType(path(name), "true or false");
                            }
                            return value.booleanValue();
                        })
                .orElse(byDefault);
    }

    OptionalInt integer(String name, int min, int max) {
        Optional<JsonNode> value = value(name);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        JsonNode number = value.get();
        if (!number.canConvertToExactIntegral()
                || !number.canConvertToInt()
                || number.intValue() < min
                || number.intValue() > max) {
            throw bad(
                    path(name), path(name) + " must be a whole number from " + min + " to " + max);
        }
        return OptionalInt.of(number.intValue());
    }

    OptionalDouble number(String name, double min, double max) {
        Optional<JsonNode> value = value(name);
        if (value.isEmpty()) {
            return OptionalDouble.empty();
        }
        double number = value.get().isNumber() ? value.get().doubleValue() : Double.NaN;
        if (!(number >= min && number <= max)) {
            throw bad(
                    path(name),
                    path(name) + " must be a number from " + plain(min) + " to " + plain(max));
        }
        return OptionalDouble.of(number);
    }

    /** Refuses every field that was not asked for. */
    void rejectOthers() {
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                String shown = name.length() <= 64 ? name : name.substring(0, 64) + "...";
                throw unsupported(path(shown), "unknown_parameter", "Unknown field " + path(shown));
            }
        }
    }

    /** The fields that were asked for. */
    Set<String> known() {
        return Set.copyOf(known);
    }

    private static String plain(double number) {
        return new java.math.BigDecimal(Double.toString(number))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("").strip();
    }
}
