package io.hfx.engine.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * Shape of a decoder model, as read from {@code config.json}.
 *
 * @param family for example {@code llama}
 * @param layers number of decoder layers
 * @param hidden width of the residual stream
 * @param heads query heads
 * @param kvHeads key/value heads; divides {@code heads}
 * @param headDim width of one head
 * @param intermediate width of the MLP
 * @param vocabulary number of token ids
 * @param maxPositions most positions of one sequence
 * @param ropeTheta base of the rotary frequencies
 * @param rmsNormEps epsilon of the norms
 * @param tiedEmbeddings whether the head shares the embedding's weights
 * @param bosTokenId begin token, or -1
 * @param eosTokenIds tokens that end a sequence, maybe none
 */
public record ModelConfig(
        String family,
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int intermediate,
        int vocabulary,
        int maxPositions,
        double ropeTheta,
        double rmsNormEps,
        boolean tiedEmbeddings,
        int bosTokenId,
        List<Integer> eosTokenIds) {
    public ModelConfig {
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

    /** Number of weights, those that are shared counted once. */
    public long parameters() {
        return TensorSpec.ofLlama(this).stream().mapToLong(TensorSpec::elements).sum();
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
                ropeTheta,
                rmsNormEps,
                tiedEmbeddings,
                bosTokenId,
                ids);
    }
}
