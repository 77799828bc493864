package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import java.util.concurrent.CompletableFuture;

/** Runs what DJL Serving hands to a token-level model as a job. Thread-safe. */
@FunctionalInterface
interface TokenLevelJobs {
    /**
     * Generates; never blocks.
     *
     * @param model its name
     * @param input whose data is a body of chat completions or completions, and whose properties
     *     are the request's headers
     * @return the answer; a mistake or refusal is an output with a 4xx code, never an exception
     */
    CompletableFuture<Output> run(String model, Input input);
}
