package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import io.hfx.plugin.service.ModelService;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Runs what DJL Serving hands to a token-level model as a job. Thread-safe. */
@FunctionalInterface
interface TokenLevelJobs {
    /**
     * Generates; never blocks.
     *
     * @param model its name
     * @param service that version of it which the job is for; null for the one that came last
     * @param input whose data is a body of chat completions or completions, and whose properties
     *     are the request's headers
     * @return the answer; a mistake or refusal is an output with a 4xx code, never an exception
     */
    CompletableFuture<Output> run(String model, @Nullable ModelService service, Input input);
}
