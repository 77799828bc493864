package io.hfx.engine.identity;

import io.hfx.engine.checkpoint.LayerForm;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.Rope;
import java.util.List;

/** Configs that differ in one thing from what a checkpoint says. */
final class Changed {
    private Changed() {}

    static ModelConfig rope(ModelConfig config, Rope rope) {
        return with(config, rope, config.form(), config.windowTokens());
    }

    static ModelConfig form(ModelConfig config, LayerForm form) {
        return with(config, config.rope(), form, config.windowTokens());
    }

    /** Every window wider by some tokens. */
    static ModelConfig windows(ModelConfig config, int moreTokens) {
        List<Integer> windows =
                config.windowTokens().stream()
                        .map(w -> w == ModelConfig.WHOLE ? w : w + moreTokens)
                        .toList();
        return with(config, config.rope(), config.form(), windows);
    }

    private static ModelConfig with(
            ModelConfig c, Rope rope, LayerForm form, List<Integer> windows) {
        return new ModelConfig(
                c.family(),
                c.layers(),
                c.hidden(),
                c.heads(),
                c.kvHeads(),
                c.headDim(),
                c.intermediate(),
                c.vocabulary(),
                c.maxPositions(),
                rope,
                c.rmsNormEps(),
                form,
                windows,
                c.tiedEmbeddings(),
                c.bosTokenId(),
                c.eosTokenIds());
    }
}
