package io.hfx.engine.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The tokenizer of a checkpoint's {@code tokenizer.json}, run by the Hugging Face tokenizers
 * library through DJL. Nothing is cut, padded or normalised beyond what that file says, and nothing
 * is fetched. Thread-safe; the owner closes it.
 */
public final class CheckpointTokenizer implements Tokenizer {
    private final HuggingFaceTokenizer tokenizer;
    private final int vocabulary;
    private final TokenBytes bytes;

    private CheckpointTokenizer(HuggingFaceTokenizer tokenizer, int vocabulary, TokenBytes bytes) {
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
        this.bytes = bytes;
    }

    /**
     * Loads {@code tokenizer.json}.
     *
     * @throws CheckpointException if it is missing or cannot be used
     */
    public static CheckpointTokenizer load(Path checkpointDir) {
        Path file = checkpointDir.resolve("tokenizer.json");
        JsonFile json = JsonFile.read(file);
        int vocabulary = vocabulary(file, json);
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        try (InputStream in = Files.newInputStream(file)) {
            Map<String, String> asTheFileSays = Map.of("truncation", "false", "padding", "false");
            return new CheckpointTokenizer(
                    HuggingFaceTokenizer.newInstance(in, asTheFileSays),
                    vocabulary,
                    TokenBytes.of(json.root(), vocabulary));
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(
                    file + ": the tokenizer cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** One more than the highest id. */
    private static int vocabulary(Path file, JsonFile json) {
        JsonNode vocab = json.root().path("model").path("vocab");
        IntStream added =
                json.root().path("added_tokens").valueStream().mapToInt(CheckpointTokenizer::id);
        IntStream base =
                vocab.isArray()
                        ? IntStream.of(vocab.size() - 1)
                        : vocab.valueStream().mapToInt(JsonNode::asInt);
        return IntStream.concat(base, added).max().orElseThrow(() -> noVocabulary(file)) + 1;
    }

    private static int id(JsonNode token) {
        return token.path("id").asInt();
    }

    private static CheckpointException noVocabulary(Path file) {
        return new CheckpointException(file + ": field model.vocab is missing or empty");
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        long[] ids = tokenizer.encode(text, addSpecialTokens, false).getIds();
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return ids.length == 0
                ? ""
                : tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
    }

    @Override
    public byte[] bytes(int id) {
        return bytes.of(id);
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
