package io.hfx.plugin.server;

import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.service.Refusal;

/**
 * A loaded model and what it stands on: weights, tokenizer.
 *
 * @param service that is to be started
 * @param resources closed behind the service
 */
public record OpenedModel(LiveModelService service, AutoCloseable resources) {
    /** Ends the service as it does by itself, then frees the weights. Blocks. */
    public void close(Refusal why, long graceNanos) throws Exception {
        try (resources) {
            service.close(why, graceNanos);
        }
    }
}
