package io.hfx.engine.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.checkpoint.LayerForm;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.Rope;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.weights.ModelWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every family and form gives the tokens of transformers: from checkpoints on disk that {@code hfx
 * model create} writes, alone and whole, ragged and in chunks, yielded between layers. Windows are
 * 16 tokens, original contexts 64, prompts up to 488.
 */
final class FormTokenIdentityTest {
    private static final int SLOTS = 6;
    private static final int WHOLE = Integer.MAX_VALUE / 2;

    /** One checkpoint per form for all tests; none changes it. */
    @TempDir static Path checkpoints;

    @ParameterizedTest
    @EnumSource
    void theTokensAreThoseOfTransformers(SampleForm form) throws IOException {
        Path dir = checkpoint(form);
        List<TokenIdentity.Case> cases = TokenIdentity.reference(form.title(), dir);
        TokenIdentity identity = new TokenIdentity();
        try (OrtModel model = OrtModel.of(ModelWeights.load(dir), 1)) {
            try (TokenExecutor executor = executor(model)) {
                whole(new Fleet(executor), identity, cases);
            }
            model.optimise().toCompletableFuture().join();
            try (TokenExecutor executor = executor(model)) {
                new Fleet(executor).staggered(identity, cases, 40);
                yielded(new Fleet(executor), identity, cases);
            }
        }
        identity.assertClear();
    }

    private static void whole(Fleet fleet, TokenIdentity identity, List<TokenIdentity.Case> cases) {
        for (TokenIdentity.Case reference : cases) {
            Fleet.Live live = fleet.open(identity.track(reference));
            fleet.finish(WHOLE, live);
            live.kv.close();
        }
    }

    /** Between the slices of each chunk of a long prompt two others decode. */
    private static void yielded(
            Fleet fleet, TokenIdentity identity, List<TokenIdentity.Case> cases) {
        Fleet.Live decoding = fleet.open(identity.track(cases.get(4)));
        Fleet.Live other = fleet.open(identity.track(cases.get(7)));
        Fleet.Live prefilling = fleet.open(identity.track(cases.get(9)));
        fleet.step(WHOLE, decoding, other);
        while (!prefilling.prefilled()) {
            fleet.step(
                    100,
                    List.of(prefilling),
                    () -> {
                        if (!decoding.track.finished()) {
                            fleet.decode(1, decoding, other);
                        }
                    });
        }
        fleet.finish(1, prefilling);
    }

    /** The controls: what a form adds, left out or off by one token, changes the output. */
    @ParameterizedTest
    @EnumSource(
            names = {
                "LLAMA_BIAS",
                "LLAMA_LINEAR",
                "LLAMA_YARN",
                "LLAMA3",
                "MISTRAL_WINDOW",
                "QWEN2",
                "QWEN2_WINDOW",
                "QWEN2_YARN",
                "QWEN3",
                "QWEN3_WINDOW"
            })
    void withoutWhatTheFormAddsTheTokensDiffer(SampleForm form) throws IOException {
        Path dir = checkpoint(form);
        List<TokenIdentity.Case> cases = TokenIdentity.reference(form.title(), dir);
        ModelWeights weights = ModelWeights.load(dir);
        for (ModelConfig wrong : wrong(weights.config())) {
            try (OrtModel model = new OrtModel(wrong, "wrong", weights.tensors(), 1);
                    TokenExecutor executor = executor(model)) {
                assertTrue(differs(new Fleet(executor), cases), () -> "same for " + wrong);
            }
        }
    }

    private static List<ModelConfig> wrong(ModelConfig config) {
        List<ModelConfig> wrong = new ArrayList<>();
        if (!config.form().equals(LayerForm.PLAIN)) {
            wrong.add(Changed.form(config, LayerForm.PLAIN));
        }
        if (!(config.rope() instanceof Rope.Default)) {
            wrong.add(Changed.rope(config, new Rope.Default(config.rope().theta())));
        }
        if (config.windowTokens().stream().anyMatch(w -> w != ModelConfig.WHOLE)) {
            wrong.add(Changed.windows(config, 1));
            wrong.add(Changed.windows(config, -1));
        }
        assertFalse(wrong.isEmpty());
        return wrong;
    }

    private static boolean differs(Fleet fleet, List<TokenIdentity.Case> cases) {
        try {
            whole(fleet, new TokenIdentity(), cases);
            return false;
        } catch (AssertionError expected) {
            return true;
        }
    }

    /** A dynamic model ends where its keys would begin to hang on how a prompt was cut. */
    @Test
    void aDynamicModelHasTheContextInWhichItsKeysAreFixed() throws IOException {
        Path dir = checkpoint(SampleForm.LLAMA_DYNAMIC);
        ModelConfig config = ModelConfig.read(dir);
        assertTrue(config.rope() instanceof Rope.Dynamic);
        int longest =
                TokenIdentity.reference(SampleForm.LLAMA_DYNAMIC.title(), dir).stream()
                        .mapToInt(c -> c.prompt().length + c.tokens().length)
                        .max()
                        .orElseThrow();
        assertEquals(config.maxPositions(), longest);
    }

    private static Path checkpoint(SampleForm form) throws IOException {
        Path dir = checkpoints.resolve(form.title());
        if (!Files.exists(dir)) {
            References.create(form, dir);
        }
        return dir;
    }

    private static TokenExecutor executor(OrtModel model) {
        return new OrtExecutor(model, OrtOptions.of(SLOTS, model.config().maxPositions()));
    }
}
