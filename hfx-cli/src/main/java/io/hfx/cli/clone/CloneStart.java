package io.hfx.cli.clone;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one start of a server took, in milliseconds; the phases are the server's own figures.
 *
 * <p>Where weights come over TCP, they do while the self-test and the warm-up run: the sum of the
 * phases is more than {@code readyMs} then.
 *
 * @param processMs from the JVM's start until the model began to load
 * @param linkMs finding the seed and agreeing with it
 * @param allocateMs memory, its pages touched
 * @param weightsMs until all weights were there and verified
 * @param selfTestMs reproducing the seed's tokens, without waiting for weights
 * @param warmupMs sessions, memory for KV, and calibration
 * @param readyMs from the JVM's start until the server was ready
 * @param firstGoodTokenMs from the start of the process until a client had the right first token
 * @param bytes of the weights
 */
public record CloneStart(
        double processMs,
        double linkMs,
        double allocateMs,
        double weightsMs,
        double selfTestMs,
        double warmupMs,
        double readyMs,
        double firstGoodTokenMs,
        long bytes) {
    /** Of one model's entry of {@code GET /hfx/weights}. */
    static CloneStart of(JsonNode model, double firstGoodTokenMs) {
        JsonNode start = model.path("start_ms");
        return new CloneStart(
                start.path("process").asDouble(),
                start.path("link").asDouble(),
                start.path("allocate").asDouble(),
                start.path("weights").asDouble(),
                start.path("self_test").asDouble(),
                start.path("warm_up").asDouble(),
                start.path("ready").asDouble(),
                firstGoodTokenMs,
                model.at("/held/bytes").asLong());
    }

    /** The median of each figure. */
    static CloneStart median(List<CloneStart> starts) {
        return new CloneStart(
                median(starts, CloneStart::processMs),
                median(starts, CloneStart::linkMs),
                median(starts, CloneStart::allocateMs),
                median(starts, CloneStart::weightsMs),
                median(starts, CloneStart::selfTestMs),
                median(starts, CloneStart::warmupMs),
                median(starts, CloneStart::readyMs),
                median(starts, CloneStart::firstGoodTokenMs),
                starts.get(0).bytes());
    }

    private static double median(List<CloneStart> starts, ToDoubleFunction<CloneStart> figure) {
        double[] sorted = starts.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
    }

    /** Bytes of weights over the time of their phase, in 10^9 bytes per second. */
    double gbPerSecond() {
        return weightsMs == 0 ? 0 : bytes / weightsMs / 1e6;
    }
}
