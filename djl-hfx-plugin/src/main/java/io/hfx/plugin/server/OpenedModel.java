package io.hfx.plugin.server;

import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.weights.WeightStatus;
import io.hfx.plugin.weights.WeightStatus.Phase;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A loaded model and what it stands on: weights, tokenizer.
 *
 * @param service that is to be started
 * @param weights how it got its weights
 * @param offer gives the weights away from now on, where the settings say so; asks whether requests
 *     run
 * @param resources closed behind the service
 */
public record OpenedModel(
        LiveModelService service,
        WeightStatus weights,
        Consumer<BooleanSupplier> offer,
        AutoCloseable resources) {
    /** Starts the workers, and gives the weights away when they serve. Blocks; call once. */
    public void start() {
        weights.time(Phase.WARM_UP, service::start);
        weights.ready();
        offer.accept(() -> service.status().running() > 0);
    }

    /** Ends the service as it does by itself, then frees the weights. Blocks. */
    public void close(Refusal why, long graceNanos) throws Exception {
        try (resources) {
            service.close(why, graceNanos);
        }
    }
}
