package io.hfx.engine.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.engine.checkpoint.CheckpointException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes of each token by the decoder that {@code tokenizer.json} states: GPT-2's alphabet of
 * bytes ({@code ByteLevel}), or SentencePiece's, with {@code ▁} for a blank and {@code <0xE4>} for
 * a byte. Immutable.
 */
final class TokenTable {
    private static final String SUPPORTED =
            "; supported: ByteLevel, Metaspace, or a Sequence of these and Replace, ByteFallback,"
                    + " Fuse, Strip";
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");
    private static final Map<Integer, Integer> BYTE_OF_CHAR = byteAlphabet();
    private static final byte[] NONE = {};

    private final byte[][] bytes;
    private final BitSet special = new BitSet();

    private boolean byteLevel;
    private boolean byteFallback;
    private boolean dropsFirstBlank;
    private final List<Map.Entry<String, String>> replacements = new ArrayList<>();

    /**
     * @param file for messages
     * @param json of {@code tokenizer.json}
     * @throws CheckpointException if it has no tokens, or a decoder that is not known
     */
    TokenTable(Path file, JsonNode json) {
        readDecoder(file, json.path("decoder"));
        Map<Integer, String> texts = texts(json);
        if (texts.isEmpty()) {
            throw new CheckpointException(file + ": field model.vocab is missing or empty");
        }
        bytes = new byte[texts.keySet().stream().mapToInt(id -> id).max().orElse(0) + 1][];
        texts.forEach((id, text) -> bytes[id] = bytesOf(text));
        for (JsonNode added : json.path("added_tokens")) {
            special.set(added.path("id").asInt(), added.path("special").asBoolean());
        }
    }

    private static Map<Integer, String> texts(JsonNode json) {
        Map<Integer, String> texts = new HashMap<>();
        JsonNode vocab = json.path("model").path("vocab");
        if (vocab.isArray()) {
            vocab.forEach(piece -> texts.put(texts.size(), piece.path(0).asText()));
        }
        vocab.properties().forEach(each -> texts.put(each.getValue().asInt(), each.getKey()));
        for (JsonNode added : json.path("added_tokens")) {
            texts.put(added.path("id").asInt(), added.path("content").asText());
        }
        return texts;
    }

    private void readDecoder(Path file, JsonNode decoder) {
        switch (decoder.path("type").asText("none")) {
            case "Sequence" -> decoder.path("decoders").forEach(each -> readDecoder(file, each));
            case "ByteLevel" -> byteLevel = true;
            case "ByteFallback" -> byteFallback = true;
            case "Fuse" -> {}
            case "Strip" -> dropsFirstBlank |= decoder.path("start").asInt() > 0;
            case "Replace" ->
                    replacements.add(
                            Map.entry(
                                    decoder.path("pattern").path("String").asText(),
                                    decoder.path("content").asText()));
            case "Metaspace" -> {
                replacements.add(Map.entry(decoder.path("replacement").asText("▁"), " "));
                dropsFirstBlank |= !decoder.path("prepend_scheme").asText("").equals("never");
            }
            default ->
                    throw new CheckpointException(
                            file
                                    + ": field decoder is "
                                    + (decoder.isMissingNode() ? "missing" : decoder)
                                    + SUPPORTED);
        }
    }

    private byte[] bytesOf(String text) {
        if (byteLevel && text.codePoints().allMatch(BYTE_OF_CHAR::containsKey)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
            text.codePoints().map(BYTE_OF_CHAR::get).forEach(out::write);
            return out.toByteArray();
        }
        Matcher single = BYTE.matcher(text);
        if (byteFallback && single.matches()) {
            return new byte[] {(byte) Integer.parseInt(single.group(1), 16)};
        }
        String plain = text;
        for (Map.Entry<String, String> each : replacements) {
            plain = plain.replace(each.getKey(), each.getValue());
        }
        return plain.getBytes(UTF_8);
    }

    /** GPT-2's: a printable byte is itself, the n-th of the others is the character 256 + n. */
    private static Map<Integer, Integer> byteAlphabet() {
        Map<Integer, Integer> bytes = new HashMap<>();
        int others = 0;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xa1 && b != 0xad);
            bytes.put(printable ? b : 256 + others++, b);
        }
        return Map.copyOf(bytes);
    }

    byte[] bytes(int id) {
        return id >= 0 && id < bytes.length && bytes[id] != null ? bytes[id] : NONE;
    }

    boolean isSpecial(int id) {
        return id >= 0 && special.get(id);
    }

    boolean dropsFirstBlank() {
        return dropsFirstBlank;
    }

    /** One more than the highest id. */
    int size() {
        return bytes.length;
    }
}
