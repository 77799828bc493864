package io.hfx.engine.weights;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Function;

/**
 * Tells cheaply whether two sets of weights are of one model: what the values depend on besides the
 * weights, and a sample of each tensor. It finds another model, another training of the same shape,
 * or another config; it is no proof against somebody who forges weights.
 *
 * @param config all of the config that the model's values depend on, as words with blanks between
 * @param sample SHA-256 over the first {@value #SAMPLED} values of each tensor as F32, 64
 *     hexadecimal digits
 */
public record ModelFingerprint(String config, String sample) {
    /** Values taken of each tensor. */
    static final int SAMPLED = 64;

    /**
     * Of weights in memory.
     *
     * @param tensors as in {@link ModelWeights}; only the first values are looked at
     */
    public static ModelFingerprint of(ModelConfig config, Function<String, FloatBuffer> tensors) {
        MessageDigest digest = sha256();
        ByteBuffer bytes =
                ByteBuffer.allocate(SAMPLED * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (TensorSpec spec : TensorSpec.of(config)) {
            FloatBuffer values = tensors.apply(spec.name());
            bytes.clear();
            for (int i = Math.min(SAMPLED, values.remaining()); i > 0; i--) {
                bytes.putFloat(values.get());
            }
            digest.update(bytes.flip());
        }
        return new ModelFingerprint(
                describe(config).strip(), HexFormat.of().formatHex(digest.digest()));
    }

    /** The same words as {@link #config} for a config alone. */
    public static String configOf(ModelConfig config) {
        return describe(config).strip();
    }

    /** All of the config that the model's values depend on; part of the model's hash. */
    static String describe(ModelConfig c) {
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

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
