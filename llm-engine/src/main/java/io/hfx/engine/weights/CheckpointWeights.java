package io.hfx.engine.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.engine.checkpoint.Checkpoint;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/** The weights of a checkpoint on disk, to be read into somebody's memory. */
public final class CheckpointWeights implements AutoCloseable {
    /** Elements per read: the piece and its widened form stay in the second-level cache. */
    private static final int PIECE_ELEMENTS = 1 << 16;

    private final Checkpoint checkpoint;

    private CheckpointWeights(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * Opens a checkpoint; no weight is read yet.
     *
     * @throws CheckpointException naming the file and what is wrong with it
     */
    public static CheckpointWeights open(Path dir) {
        return new CheckpointWeights(Checkpoint.open(dir));
    }

    public ModelConfig config() {
        return checkpoint.config();
    }

    /** Names and shapes in the order in which a step reads them; a tied head is not one. */
    public List<TensorSpec> tensors() {
        return checkpoint.tensors();
    }

    /**
     * Reads every tensor as F32, on the common pool, and hashes it on the way.
     *
     * @param room where a tensor of that name goes, as many floats as it has; asked once for each,
     *     by any thread
     * @return identity of the model, 64 hexadecimal digits: SHA-256 over the shape and constants of
     *     the config and the SHA-256 of each tensor's bytes as stored. Equal for any sharding;
     *     different for another stored element type
     * @throws CheckpointException if a file cannot be read
     */
    public String read(Function<String, FloatBuffer> room) {
        List<String> lines =
                tensors().parallelStream()
                        .map(spec -> line(spec.name(), fill(spec.name(), room)))
                        .toList();
        MessageDigest digest = ModelFingerprint.sha256();
        digest.update(ModelFingerprint.describe(config()).getBytes(UTF_8));
        lines.forEach(line -> digest.update(line.getBytes(UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private String line(String name, byte[] hash) {
        String dtype = checkpoint.dtype(name).name();
        return name + ' ' + dtype + ' ' + HexFormat.of().formatHex(hash) + '\n';
    }

    private byte[] fill(String name, Function<String, FloatBuffer> room) {
        FloatBuffer into = room.apply(name);
        MessageDigest digest = ModelFingerprint.sha256();
        checkpoint.read(
                name, PIECE_ELEMENTS, digest, (values, count) -> into.put(values, 0, count));
        return digest.digest();
    }

    /** What this model is, from a few bytes of each tensor. */
    public ModelFingerprint fingerprint() {
        return ModelFingerprint.of(
                config(),
                name -> FloatBuffer.wrap(checkpoint.head(name, ModelFingerprint.SAMPLED)));
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
