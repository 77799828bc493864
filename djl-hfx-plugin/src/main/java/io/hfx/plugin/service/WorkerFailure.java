package io.hfx.plugin.service;

import io.hfx.engine.executor.ExecutorException;
import io.hfx.engine.executor.KvExhaustedException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a worker failed of: a label of metrics, and what the clients concerned read. */
public enum WorkerFailure {
    KV_EXHAUSTED("no KV cache was free"),
    OUT_OF_MEMORY("memory ran out"),
    EXECUTOR("the model's runtime failed"),
    INVALID_LOGITS("the model's output was not a number"),
    INTERNAL("an internal error");

    private static final int MOST_CAUSES = 10;

    private final String reason;

    WorkerFailure(String reason) {
        this.reason = reason;
    }

    /** For metrics, for example {@code out-of-memory}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** One sentence for people; nothing of the inside. */
    public String message() {
        return "The worker failed while it ran this request: " + reason;
    }

    /** Which it is. Memory that ran out below a runtime is told by the runtime's message. */
    public static WorkerFailure of(Throwable error) {
        Throwable cause = error;
        for (int i = 0; cause != null && i < MOST_CAUSES; i++) {
            if (cause instanceof OutOfMemoryError || isFailedAllocation(cause.getMessage())) {
                return OUT_OF_MEMORY;
            }
            cause = cause.getCause();
        }
        if (error instanceof KvExhaustedException) {
            return KV_EXHAUSTED;
        }
        if (error instanceof InvalidLogits) {
            return INVALID_LOGITS;
        }
        return error instanceof ExecutorException ? EXECUTOR : INTERNAL;
    }

    /** As ONNX Runtime and the C++ library word it. */
    private static boolean isFailedAllocation(@Nullable String message) {
        return message != null
                && (message.contains("Failed to allocate memory") || message.contains("bad_alloc"));
    }

    /** The model gave logits from which no token can be chosen. */
    public static final class InvalidLogits extends RuntimeException {
        public InvalidLogits(IllegalArgumentException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
