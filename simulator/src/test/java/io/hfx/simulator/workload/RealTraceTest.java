package io.hfx.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The readers against the published statistics of the real traces, where these are at hand. */
class RealTraceTest {
    @ParameterizedTest
    @CsvSource({
        "azure-llm-2023/AzureLLMInferenceTrace_code.csv, 8819, 2.57, 1469, 7436, 13, 251, 0.00",
        "azure-llm-2023/AzureLLMInferenceTrace_conv.csv, 19366, 5.53, 1020, 4142, 129, 601, 0.09",
        "mooncake-conversation/conversation_trace.jsonl.gz,"
                + " 12031, 3.40, 6909, 85400, 350, 1118, 0.05"
    })
    void figuresAgree(
            String name,
            int requests,
            double perSecond,
            int prompt50,
            int prompt99,
            int output50,
            int output99,
            double logCorrelation) {
        Workload workload = Trace.read(dataFolder().resolve(name), 1);
        List<Arrival> arrivals = workload.arrivals();

        assertEquals(requests, arrivals.size());
        assertEquals(perSecond, workload.meanPerSecond(), 0.01);
        assertEquals(prompt50, Stats.percentile(arrivals, Arrival::promptTokens, 0.5), 1);
        assertEquals(prompt99, Stats.percentile(arrivals, Arrival::promptTokens, 0.99), 1);
        assertEquals(output50, Stats.percentile(arrivals, Arrival::outputTokens, 0.5), 1);
        assertEquals(output99, Stats.percentile(arrivals, Arrival::outputTokens, 0.99), 1);
        assertEquals(logCorrelation, Stats.logCorrelation(arrivals), 0.006);
    }

    /** With a cache that forgets nothing. */
    @Test
    void mooncakePromptsBeginAsEarlierOnes() {
        Path file = dataFolder().resolve("mooncake-conversation/conversation_trace.jsonl.gz");
        Set<Long> seen = new HashSet<>();
        long prompts = 0;
        long repeated = 0;
        for (Arrival arrival : Trace.read(file, 1).arrivals()) {
            List<Long> runs = arrival.prefix().runs();
            assertEquals((arrival.promptTokens() + 511) / 512, runs.size());
            long known = runs.stream().takeWhile(seen::contains).count();
            prompts += arrival.promptTokens();
            repeated += Math.min(arrival.promptTokens(), 512 * known);
            seen.addAll(runs);
        }
        assertEquals(0.374, (double) repeated / prompts, 0.002);
    }

    private static Path dataFolder() {
        String folder = System.getProperty("hfx.data", System.getenv("HFX_DATA"));
        Assumptions.assumeTrue(
                folder != null && Files.isDirectory(Path.of(folder)),
                "skipped: no traces; name their folder with -Dhfx.data or HFX_DATA");
        return Path.of(folder);
    }
}
