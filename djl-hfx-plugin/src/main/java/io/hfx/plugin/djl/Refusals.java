package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.wlm.util.WlmCapacityException;
import ai.djl.serving.wlm.util.WlmException;
import ai.djl.serving.wlm.util.WorkerJob;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.scheduler.message.RefusalReason;
import java.util.concurrent.CompletableFuture;

/**
 * Answers for jobs that no worker runs: an output with a 4xx code and a body in DJL Serving's form,
 * never a 5xx. Those count for the server's error rate, and once it trips {@code /ping} fails for
 * good.
 */
final class Refusals {
    /** Header with the reason; marks an output as a refusal. */
    static final String REASON = "x-hfx-reason";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SECOND_NANOS = 1_000_000_000;

    private Refusals() {}

    /** Refuses a job that the scheduler gave up. */
    static <I, O> void refuse(WorkerJob<I, O> job, RefusalReason reason, long retryAfterNanos) {
        String model = job.getJob().getWpc().getId();
        String message =
                switch (reason) {
                    case QUEUE_FULL -> "Too many requests wait for model " + model;
                    case SLO_OUT_OF_REACH -> "Model " + model + " cannot meet the objective now";
                    case DEADLINE_PASSED -> "The deadline passed before model " + model + " ran";
                    case NO_WORKER -> "Model " + model + " has no worker";
                    case TOO_LONG -> "The request is too long for model " + model;
                };
        Output output = output(429, "SloException", message, reason.label());
        long seconds = Math.max(1, (retryAfterNanos + SECOND_NANOS - 1) / SECOND_NANOS);
        output.addProperty("Retry-After", Long.toString(seconds));
        answer(job, output);
    }

    /** The job's model is gone. */
    static <I, O> void unregistered(WorkerJob<I, O> job) {
        String message = "Model " + job.getJob().getWpc().getId() + " is not registered";
        answer(job, output(404, "ModelNotFoundException", message, "unregistered"));
    }

    /** The job waited when its model failed; new ones get the same answer of the server's. */
    static <I, O> void notReady(WorkerJob<I, O> job) {
        String model = job.getJob().getWpc().getId();
        job.getFuture()
                .completeExceptionally(
                        new WlmException("Model or workflow is not ready: " + model));
    }

    /** The job waited when its model was scaled to no workers. */
    static <I, O> void scaledToZero(WorkerJob<I, O> job) {
        String message = "All workers of model " + job.getJob().getWpc().getId() + " are shut down";
        Output output = output(429, "WlmShutdownException", message, "no-workers");
        output.addProperty("Retry-After", "1");
        answer(job, output);
    }

    /** Whether this is an output of ours, in place of a result. */
    static boolean isRefusal(Object value) {
        return value instanceof Output output
                && output.getCode() >= 400
                && output.getProperty(REASON, null) != null;
    }

    /** Ends a job with an output of ours, as a result where its kind allows that. */
    @SuppressWarnings("unchecked") // whoever puts an Input in expects an Output
    static <I, O> void answer(WorkerJob<I, O> job, Output output) {
        if (job.getJob().getInput() instanceof Input) {
            ((CompletableFuture<Output>) job.getFuture()).complete(output);
        } else {
            job.getFuture().completeExceptionally(new WlmCapacityException(output.getMessage()));
        }
    }

    /**
     * An error in DJL Serving's form.
     *
     * @param code HTTP status
     * @param type as DJL Serving names the kind of an error
     * @param reason short and machine-readable
     */
    static Output output(int code, String type, String message, String reason) {
        Output output = new Output(code, message);
        output.addProperty("Content-Type", "application/json");
        output.addProperty(REASON, reason);
        output.add(
                JSON.createObjectNode()
                        .put("code", code)
                        .put("type", type)
                        .put("message", message)
                        .toString());
        return output;
    }
}
