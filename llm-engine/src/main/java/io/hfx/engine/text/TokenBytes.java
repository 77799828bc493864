package io.hfx.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of every token of a {@code tokenizer.json}. Its decoder says how a vocabulary entry
 * spells bytes: byte-level (each character stands for one byte, Radford et al. 2019), or as text in
 * which a mark stands for a space and {@code <0x0A>} for a byte. Immutable; thread-safe.
 */
final class TokenBytes {
    private static final byte[] NONE = {};
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");

    private final byte[][] bytes;

    private TokenBytes(byte[][] bytes) {
        this.bytes = bytes;
    }

    /**
     * @param root of {@code tokenizer.json}
     * @param size one more than the highest id
     */
    static TokenBytes of(JsonNode root, int size) {
        byte[][] bytes = new byte[size][];
        Function<String, byte[]> spelling = spelling(root.path("decoder"));
        JsonNode vocab = root.path("model").path("vocab");
        if (vocab.isArray()) {
            for (int id = 0; id < vocab.size(); id++) {
                bytes[id] = spelling.apply(vocab.get(id).path(0).asText());
            }
        } else {
            vocab.properties()
                    .forEach(
                            each -> bytes[each.getValue().asInt()] = spelling.apply(each.getKey()));
        }
        for (JsonNode added : root.path("added_tokens")) {
            bytes[added.path("id").asInt()] = utf8(added.path("content").asText());
        }
        return new TokenBytes(bytes);
    }

    byte[] of(int id) {
        byte[] found = id >= 0 && id < bytes.length ? bytes[id] : null;
        return found == null ? NONE : found;
    }

    private static Function<String, byte[]> spelling(JsonNode decoder) {
        if (find(decoder, "ByteLevel") != null) {
            return byteLevel();
        }
        String space = space(decoder);
        boolean fallback = find(decoder, "ByteFallback") != null;
        return piece -> {
            Matcher single = BYTE.matcher(piece);
            if (fallback && single.matches()) {
                return new byte[] {(byte) Integer.parseInt(single.group(1), 16)};
            }
            return utf8(space == null ? piece : piece.replace(space, " "));
        };
    }

    /** The mark that stands for a space, or null. */
    private static @Nullable String space(JsonNode decoder) {
        JsonNode metaspace = find(decoder, "Metaspace");
        if (metaspace != null) {
            return metaspace.path("replacement").asText("\u2581");
        }
        JsonNode replace = find(decoder, "Replace");
        return replace != null && replace.path("content").asText().equals(" ")
                ? replace.path("pattern").path("String").asText("\u2581")
                : null;
    }

    /** The decoder of a type, alone or in a sequence. */
    private static @Nullable JsonNode find(JsonNode decoder, String type) {
        if (decoder.path("type").asText().equals(type)) {
            return decoder;
        }
        for (JsonNode part : decoder.path("decoders")) {
            JsonNode found = find(part, type);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Printable Latin-1 characters stand for themselves, the rest for code points from 256. */
    private static Function<String, byte[]> byteLevel() {
        byte[] byChar = new byte[512];
        int next = 256;
        for (int value = 0; value < 256; value++) {
            boolean itself =
                    (value >= '!' && value <= '~')
                            || (value >= 0xA1 && value <= 0xAC)
                            || (value >= 0xAE && value <= 0xFF);
            byChar[itself ? value : next++] = (byte) value;
        }
        int end = next;
        return piece -> {
            byte[] spelled = new byte[piece.length()];
            for (int i = 0; i < spelled.length; i++) {
                if (piece.charAt(i) >= end) {
                    return utf8(piece);
                }
                spelled[i] = byChar[piece.charAt(i)];
            }
            return spelled;
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
