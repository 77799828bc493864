package io.hfx.plugin.server;

import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.emulated.EmulatedExecutor;
import io.hfx.engine.emulated.EmulatedOptions;
import io.hfx.engine.emulated.LatencyProfile;
import io.hfx.engine.emulated.Waiting;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.text.ChatTemplate;
import io.hfx.engine.text.CheckpointChatTemplate;
import io.hfx.engine.text.CheckpointTokenizer;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ModelSettings;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.live.LiveSettings;
import io.hfx.plugin.live.LoopLog;
import io.hfx.plugin.live.RestartLimits;
import io.hfx.plugin.live.StepLog;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.weights.LoadedWeights;
import io.hfx.plugin.weights.WeightLoader;
import io.hfx.plugin.weights.WeightStatus;
import io.hfx.plugin.weights.WeightStatus.Phase;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.step.StepTime;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves Hugging Face checkpoints on ONNX Runtime, whose workers share the weights; or pretends to,
 * with the emulated backend.
 */
public final class CheckpointModels implements ModelServiceFactory {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointModels.class);
    private static final int MOST_STEP_TOKENS = 1 << 20;

    private final WeightStatus weights = new WeightStatus();

    @Override
    public WeightStatus weights() {
        return weights;
    }

    /** Tries the policy, and looks whether there is a checkpoint at all. */
    @Override
    public void check(ServerConfig config) {
        policy(ModelSettings.of(config));
        if (!Files.isReadable(config.modelDir().resolve("config.json"))) {
            throw new ConfigException(
                    "hfx_model: "
                            + config.modelDir()
                            + " is no folder of a checkpoint: it has no readable config.json");
        }
    }

    @Override
    public ModelService start(ServerConfig config) {
        long startMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
        weights.add(
                Phase.PROCESS,
                TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - startMillis));
        OpenedModel opened = open(ModelSettings.of(config), config.workers(), weights);
        try {
            opened.start();
            return new ClosingService(opened.service(), opened.resources());
        } catch (RuntimeException | Error e) {
            ClosingService.closeQuietly(opened.resources());
            throw e;
        }
    }

    /**
     * Loads a model; it is to be started.
     *
     * @param workers that it starts with
     * @param weights is told how the weights come
     * @throws ConfigException if the model cannot be used as configured
     */
    public static OpenedModel open(ModelSettings config, int workers, WeightStatus weights) {
        weights.begins();
        Policy policy = policy(config);
        ClosingService.Resources resources = new ClosingService.Resources();
        try {
            return load(config, workers, policy, weights, resources);
        } catch (CheckpointException e) {
            resources.close();
            throw new ConfigException(e.getMessage() == null ? e.toString() : e.getMessage());
        } catch (RuntimeException | Error e) {
            resources.close();
            throw e;
        }
    }

    /** Finds the policy and tries its settings. */
    private static Policy policy(ModelSettings config) {
        Policy policy;
        try {
            policy = Policies.named(config.policy(), CheckpointModels.class.getClassLoader());
            LiveSettings.requireRunnable(policy);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("hfx_policy: " + e.getMessage());
        }
        try {
            PolicyConfig settings = new PolicyConfig(config.policySettings());
            policy.fleet(settings);
            policy.step(settings);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("hfx_policy_settings: " + e.getMessage());
        }
        return policy;
    }

    private static OpenedModel load(
            ModelSettings config,
            int workers,
            Policy policy,
            WeightStatus weights,
            ClosingService.Resources resources) {
        Path folder = config.folder();
        ModelConfig shape = ModelConfig.read(folder);
        int contextTokens = Math.min(config.contextTokens(), shape.maxPositions());
        CheckpointTokenizer tokenizer = resources.add(CheckpointTokenizer.load(folder));
        ChatTemplate template = chatTemplate(folder);
        Backing backing = backing(config, shape, contextTokens, weights, resources);
        ServedModel served =
                new ServedModel(
                        config.id(),
                        tokenizer,
                        template,
                        contextTokens,
                        System.currentTimeMillis() / 1000);
        LiveSettings settings =
                new LiveSettings(
                        policy,
                        new PolicyConfig(config.policySettings()),
                        new DispatcherLimits(config.waiting(), config.waitingBestEffort()),
                        RestartLimits.DEFAULTS);
        LoopLog log =
                config.stepLog().isPresent()
                        ? resources.add(StepLog.open(config.stepLog().get()))
                        : LoopLog.NONE;
        LiveModelService service =
                new LiveModelService(
                        served,
                        backing.executors(),
                        workers,
                        shape.eosTokenIds(),
                        settings,
                        log.tellingSteps(backing.steps()),
                        prefixes(config, shape, backing.modelHash()));
        return new OpenedModel(service, weights, backing.offer(), resources);
    }

    /**
     * What makes executors, the name of the weights that they run, how these are offered to other
     * servers, and who is told of the workers' steps.
     */
    private record Backing(
            Supplier<TokenExecutor> executors,
            String modelHash,
            Consumer<BooleanSupplier> offer,
            Consumer<StepTime> steps) {}

    /** An emulated model's is as large as the real one's, without the data. */
    private static @Nullable PrefixStore prefixes(
            ModelSettings config, ModelConfig shape, String modelHash) {
        return config.prefixCacheBytes() == 0
                ? null
                : new PrefixStore(
                        modelHash,
                        PrefixStore.BLOCK_TOKENS,
                        OrtExecutor.kvBytesPerToken(shape),
                        config.prefixCacheBytes());
    }

    private static Backing backing(
            ModelSettings config,
            ModelConfig shape,
            int contextTokens,
            WeightStatus weights,
            ClosingService.Resources resources) {
        if (config.backend() instanceof ServerConfig.Backend.Emulated emulated) {
            LOG.warn(
                    "the backend is emulated: it waits by {} and computes nothing",
                    emulated.profile());
            return emulated(config, shape, contextTokens, LatencyProfile.read(emulated.profile()));
        }
        OrtOptions options =
                new OrtOptions(config.kvSlots(), contextTokens, stepTokens(config, contextTokens));
        LoadedWeights loaded =
                resources.add(
                        WeightLoader.load(
                                config.folder(),
                                shape,
                                config.threads(),
                                options,
                                config.weights(),
                                weights));
        return new Backing(
                loaded::executor, loaded.model().modelHash(), loaded::offer, loaded::stepped);
    }

    private static Backing emulated(
            ModelSettings config, ModelConfig shape, int contextTokens, LatencyProfile profile) {
        EmulatedOptions options =
                new EmulatedOptions(
                        "emulated-" + config.id(),
                        shape.vocabulary(),
                        config.kvSlots(),
                        contextTokens,
                        stepTokens(config, contextTokens),
                        1,
                        shape.layers() + 1,
                        Set.copyOf(shape.eosTokenIds()));
        return new Backing(
                () -> new EmulatedExecutor(options, profile, Waiting.real()),
                options.modelHash(),
                running -> {},
                step -> {});
    }

    /** All that the slots hold: it is the policy that bounds a step. */
    private static int stepTokens(ModelSettings config, int contextTokens) {
        return (int) Math.min(MOST_STEP_TOKENS, (long) config.kvSlots() * contextTokens);
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
