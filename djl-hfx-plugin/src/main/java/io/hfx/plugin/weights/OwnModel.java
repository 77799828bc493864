package io.hfx.plugin.weights;

import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.weights.CheckpointWeights;
import io.hfx.engine.weights.ModelFingerprint;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which model the folder here is of, so that a seed of another one is refused before any byte
 * moves. A folder without weights is known by its config alone.
 *
 * @param sample of the weights; null where the folder has none
 */
record OwnModel(String config, @Nullable String sample) {
    private static final Logger LOG = LoggerFactory.getLogger(OwnModel.class);

    /** Reads a few bytes of each tensor. */
    static OwnModel of(Path folder, ModelConfig config) {
        try (CheckpointWeights weights = CheckpointWeights.open(folder)) {
            ModelFingerprint found = weights.fingerprint();
            return new OwnModel(found.config(), found.sample());
        } catch (CheckpointException e) {
            LOG.info(
                    "no weights here to compare the seed's with, its config alone is: {}",
                    e.getMessage());
            return new OwnModel(ModelFingerprint.configOf(config), null);
        }
    }

    /**
     * Checks a seed's model.
     *
     * @throws WeightsException that names what differs
     */
    void requireSame(String where, ModelFingerprint seeds) {
        if (!config.equals(seeds.config())) {
            throw new WeightsException(where + ": its model is another: " + difference(seeds));
        }
        if (sample != null && !sample.equals(seeds.sample())) {
            throw new WeightsException(
                    where + ": its model is another: of the same shape, with other weights");
        }
    }

    private String difference(ModelFingerprint seeds) {
        String[] own = config.split(" ", -1);
        String[] its = seeds.config().split(" ", -1);
        for (int i = 0; i < Math.min(own.length, its.length); i++) {
            if (!own[i].equals(its[i])) {
                return String.format("%.100s, here %.100s", its[i], own[i]);
            }
        }
        return "its config says other things";
    }
}
