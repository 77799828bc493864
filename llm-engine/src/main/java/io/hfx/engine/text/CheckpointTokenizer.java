package io.hfx.engine.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The tokenizer of a checkpoint's {@code tokenizer.json}, run by the Hugging Face tokenizers
 * library through DJL. Nothing is cut, padded or normalised beyond what that file says, and nothing
 * is fetched. Thread-safe; the owner closes it, which waits for the calls that run.
 */
public final class CheckpointTokenizer implements Tokenizer {
    private final HuggingFaceTokenizer tokenizer;
    private final TokenTable table;

    /** Native memory must not go while a call reads it. */
    private final ReadWriteLock use = new ReentrantReadWriteLock();

    private CheckpointTokenizer(HuggingFaceTokenizer tokenizer, TokenTable table) {
        this.tokenizer = tokenizer;
        this.table = table;
    }

    /**
     * Loads {@code tokenizer.json}.
     *
     * @throws CheckpointException if it is missing or cannot be used
     */
    public static CheckpointTokenizer load(Path checkpointDir) {
        Path file = checkpointDir.resolve("tokenizer.json");
        TokenTable table = new TokenTable(file, JsonFile.read(file).root());
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        try (InputStream in = Files.newInputStream(file)) {
            Map<String, String> asTheFileSays = Map.of("truncation", "false", "padding", "false");
            return new CheckpointTokenizer(
                    HuggingFaceTokenizer.newInstance(in, asTheFileSays), table);
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(
                    file + ": the tokenizer cannot be loaded: " + e.getMessage(), e);
        }
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        long[] ids = using(() -> tokenizer.encode(text, addSpecialTokens, false).getIds());
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return ids.length == 0
                ? ""
                : using(
                        () ->
                                tokenizer.decode(
                                        Arrays.stream(ids).asLongStream().toArray(),
                                        skipSpecialTokens));
    }

    @Override
    public byte[] bytes(int id) {
        return table.bytes(id);
    }

    @Override
    public boolean isSpecial(int id) {
        return table.isSpecial(id);
    }

    @Override
    public boolean dropsFirstBlank() {
        return table.dropsFirstBlank();
    }

    @Override
    public int vocabulary() {
        return table.size();
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            tokenizer.close();
        } finally {
            use.writeLock().unlock();
        }
    }

    /**
     * @throws IllegalStateException after {@link #close}
     */
    private <T> T using(Supplier<T> call) {
        use.readLock().lock();
        try {
            return call.get();
        } finally {
            use.readLock().unlock();
        }
    }
}
