package io.hfx.engine.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.List;

/**
 * Shape and constants of a decoder model, as read from {@code config.json}.
 *
 * @param layers number of decoder layers
 * @param hidden width of the residual stream
 * @param heads query heads
 * @param kvHeads key/value heads; divides {@code heads}
 * @param headDim width of one head, even
 * @param intermediate width of the MLP
 * @param vocabulary number of token ids; may exceed the tokenizer's
 * @param maxPositions most positions of one sequence
 * @param rope rotary position embedding
 * @param rmsNormEps epsilon of the norms
 * @param form biases and norms of a layer
 * @param windowTokens per layer the newest tokens that a token sees, itself included, or {@link
 *     #WHOLE}
 * @param tiedEmbeddings whether the head shares the embedding's weights
 * @param bosTokenId begin token, or -1
 * @param eosTokenIds tokens that end a sequence, maybe none
 */
public record ModelConfig(
        Family family,
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int intermediate,
        int vocabulary,
        int maxPositions,
        Rope rope,
        double rmsNormEps,
        LayerForm form,
        List<Integer> windowTokens,
        boolean tiedEmbeddings,
        int bosTokenId,
        List<Integer> eosTokenIds) {
    /** In place of a window: a token sees all tokens before it. */
    public static final int WHOLE = 0;

    public ModelConfig {
        windowTokens = List.copyOf(windowTokens);
        eosTokenIds = List.copyOf(eosTokenIds);
    }

    /**
     * Reads {@code config.json}, and the end tokens of {@code generation_config.json} where there
     * is one.
     *
     * @throws CheckpointException if it is missing, broken or of a model that is not supported
     */
    public static ModelConfig read(Path checkpointDir) {
        return ConfigReader.read(checkpointDir);
    }

    /**
     * Reads the text of a {@code config.json}.
     *
     * @throws CheckpointException if it is broken or of a model that is not supported
     */
    public static ModelConfig parse(String configJson) {
        return ConfigReader.read(JsonFile.parse("config.json", configJson.getBytes(UTF_8)));
    }

    /** Number of weights, those that are shared counted once. */
    public long parameters() {
        return TensorSpec.of(this).stream().mapToLong(TensorSpec::elements).sum();
    }

    /** Width of all query heads, and of what attention gives. */
    public int queryWidth() {
        return heads * headDim;
    }

    /** Width of all key heads, and of all value heads. */
    public int kvWidth() {
        return kvHeads * headDim;
    }

    ModelConfig withEosTokenIds(List<Integer> ids) {
        return new ModelConfig(
                family,
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                intermediate,
                vocabulary,
                maxPositions,
                rope,
                rmsNormEps,
                form,
                windowTokens,
                tiedEmbeddings,
                bosTokenId,
                ids);
    }
}
