package io.hfx.engine.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.engine.checkpoint.Checkpoint;
import io.hfx.engine.checkpoint.ModelConfig;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Reads the tensors of a checkpoint into their slots, in parallel, and hashes them on the way. */
final class TensorLoader {
    /** Elements per read: the piece and its widened form stay in the second-level cache. */
    private static final int PIECE_ELEMENTS = 1 << 16;

    /** Rows that are turned at a time: two cache lines of each column. */
    private static final int TRANSPOSE_ROWS = 32;

    private final Checkpoint checkpoint;

    TensorLoader(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /** Fills every slot; returns the model's hash. */
    String load(List<ImagePlan.Slot> slots, List<ByteBuffer> segments) {
        List<String> lines =
                slots.parallelStream().map(slot -> line(slot, fill(slot, segments))).toList();
        MessageDigest digest = sha256();
        digest.update(identity(checkpoint.config()).getBytes(UTF_8));
        for (int i = 0; i < lines.size(); i++) {
            if (slots.get(i).name().equals(slots.get(i).source())) {
                digest.update(lines.get(i).getBytes(UTF_8));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private String line(ImagePlan.Slot slot, byte[] hash) {
        String dtype = checkpoint.dtype(slot.source()).name();
        return slot.name() + ' ' + dtype + ' ' + HexFormat.of().formatHex(hash) + '\n';
    }

    private byte[] fill(ImagePlan.Slot slot, List<ByteBuffer> segments) {
        FloatBuffer into = slot.in(segments);
        MessageDigest digest = sha256();
        if (slot.transposed()) {
            fillTransposed(slot, into, digest);
        } else {
            checkpoint.read(
                    slot.source(),
                    PIECE_ELEMENTS,
                    digest,
                    (values, count) -> into.put(values, 0, count));
        }
        return digest.digest();
    }

    private void fillTransposed(ImagePlan.Slot slot, FloatBuffer into, MessageDigest digest) {
        int in = Math.toIntExact(slot.shape().get(0));
        int out = Math.toIntExact(slot.shape().get(1));
        float[] column = new float[TRANSPOSE_ROWS];
        int[] row = {0};
        checkpoint.read(
                slot.source(),
                TRANSPOSE_ROWS * in,
                digest,
                (values, count) -> {
                    int rows = count / in;
                    for (int c = 0; c < in; c++) {
                        for (int r = 0; r < rows; r++) {
                            column[r] = values[r * in + c];
                        }
                        into.put(c * out + row[0], column, 0, rows);
                    }
                    row[0] += rows;
                });
    }

    /** All of the config that the model's values depend on. */
    private static String identity(ModelConfig c) {
        return String.join(
                " ",
                "hfx-model-2",
                c.family().modelType(),
                "layers=" + c.layers(),
                "hidden=" + c.hidden(),
                "heads=" + c.heads(),
                "kvHeads=" + c.kvHeads(),
                "headDim=" + c.headDim(),
                "intermediate=" + c.intermediate(),
                "vocabulary=" + c.vocabulary(),
                "rope=" + c.rope(),
                "rmsNormEps=" + c.rmsNormEps(),
                "qkvBias=" + c.form().qkvBias(),
                "outputBias=" + c.form().outputBias(),
                "mlpBias=" + c.form().mlpBias(),
                "qkNorm=" + c.form().qkNorm(),
                "windowTokens=" + c.windowTokens(),
                "tied=" + c.tiedEmbeddings(),
                "\n");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
