package io.hfx.plugin.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How one token-level model is loaded and scheduled.
 *
 * @param folder of the checkpoint
 * @param id as clients name the model
 * @param policy name of the scheduling policy
 * @param policySettings its settings, as text
 * @param backend what runs the model
 * @param kvSlots sequences that one worker holds KV for
 * @param prefixCacheBytes memory for the KV of past prompts; 0 for none
 * @param contextTokens most tokens of a sequence, where the model allows more
 * @param threads executor threads of one worker
 * @param waiting requests that may wait for a worker
 * @param waitingBestEffort the same of those without objective, and of demoted ones
 * @param stepLog file that gets the shape and the time of every step
 * @param weights where they come from
 */
public record ModelSettings(
        Path folder,
        String id,
        String policy,
        Map<String, String> policySettings,
        ServerConfig.Backend backend,
        int kvSlots,
        long prefixCacheBytes,
        int contextTokens,
        int threads,
        int waiting,
        int waitingBestEffort,
        Optional<Path> stepLog,
        WeightSettings weights) {
    public ModelSettings {
        policySettings = Map.copyOf(policySettings);
    }

    /** The model of a standalone server. */
    public static ModelSettings of(ServerConfig config) {
        return new ModelSettings(
                config.modelDir(),
                config.modelId(),
                config.policy(),
                config.policySettings(),
                config.backend(),
                config.kvSlots(),
                config.prefixCacheBytes(),
                config.contextTokens(),
                config.threads(),
                config.waiting(),
                config.waitingBestEffort(),
                config.stepLog(),
                config.weights());
    }
}
