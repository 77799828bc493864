package io.hfx.plugin.server;

import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.text.ChatTemplate;
import io.hfx.engine.text.CheckpointChatTemplate;
import io.hfx.engine.text.CheckpointTokenizer;
import io.hfx.engine.weights.WeightImage;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.live.LiveSettings;
import io.hfx.plugin.live.LoopLog;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.ServedModel;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves Hugging Face checkpoints on ONNX Runtime; the workers of a model share its weights. */
public final class CheckpointModels {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointModels.class);

    private CheckpointModels() {}

    /**
     * A {@link ModelServiceFactory}.
     *
     * @throws ConfigException if the checkpoint cannot be used, or there is no such policy
     */
    public static ModelService start(ServerConfig config) {
        Policy policy = policy(config.policy());
        ClosingService.Resources resources = new ClosingService.Resources();
        try {
            return load(config, policy, resources);
        } catch (CheckpointException e) {
            resources.close();
            throw new ConfigException(e.getMessage() == null ? e.toString() : e.getMessage());
        } catch (RuntimeException e) {
            resources.close();
            throw e;
        }
    }

    private static Policy policy(String name) {
        try {
            return Policies.named(name, CheckpointModels.class.getClassLoader());
        } catch (IllegalArgumentException e) {
            throw new ConfigException("hfx_policy: " + e.getMessage());
        }
    }

    private static ModelService load(
            ServerConfig config, Policy policy, ClosingService.Resources resources) {
        Path folder = config.modelDir();
        ModelConfig shape = ModelConfig.read(folder);
        int contextTokens = Math.min(config.contextTokens(), shape.maxPositions());
        CheckpointTokenizer tokenizer = resources.add(CheckpointTokenizer.load(folder));
        ChatTemplate template = chatTemplate(folder);
        WeightImage image = resources.add(WeightImage.load(folder));
        OrtModel model = resources.add(OrtModel.of(image, config.threads()));
        List<TokenExecutor> executors = new ArrayList<>();
        for (int i = 0; i < config.workers(); i++) {
            OrtOptions options = OrtOptions.of(config.kvSlots(), contextTokens);
            executors.add(new OrtExecutor(model, options));
        }
        ServedModel served =
                new ServedModel(
                        config.modelId(),
                        tokenizer,
                        template,
                        contextTokens,
                        System.currentTimeMillis() / 1000);
        LiveSettings settings =
                new LiveSettings(
                        policy,
                        PolicyConfig.DEFAULTS,
                        new DispatcherLimits(config.waiting(), config.waitingBestEffort()));
        LiveModelService live =
                new LiveModelService(
                        served, executors, shape.eosTokenIds(), settings, LoopLog.NONE);
        return new ClosingService(live.start(), resources);
    }

    /** A checkpoint without a usable template still serves completions. */
    private static @Nullable ChatTemplate chatTemplate(Path folder) {
        try {
            return CheckpointChatTemplate.load(folder);
        } catch (CheckpointException e) {
            LOG.warn("chat completions are off: {}", e.getMessage());
            return null;
        }
    }
}
