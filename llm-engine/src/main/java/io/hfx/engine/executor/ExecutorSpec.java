package io.hfx.engine.executor;

/**
 * What an executor is and what it can hold.
 *
 * @param name for logs and metrics, for example {@code onnxruntime}
 * @param device for example {@code cpu}
 * @param emulated whether it only waits by a latency profile instead of computing
 * @param vocabulary number of logits per row
 * @param slots sequences that can hold KV at the same time
 * @param maxSequenceTokens most tokens of one sequence, prompt and output together
 * @param kvBytesPerToken bytes of KV that one token takes
 * @param modelHash identifies the weights; KV moves only between equal hashes
 */
public record ExecutorSpec(
        String name,
        String device,
        boolean emulated,
        int vocabulary,
        int slots,
        int maxSequenceTokens,
        long kvBytesPerToken,
        String modelHash) {}
