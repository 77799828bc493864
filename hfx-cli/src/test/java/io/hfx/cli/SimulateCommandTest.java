package io.hfx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.scheduler.policy.Policies;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SimulateCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir Path folder;

    @Test
    void listNamesEveryPolicyInOneLine() {
        run("simulate list");

        for (String policy : Policies.all(getClass().getClassLoader()).keySet()) {
            assertTrue(out.toString().contains("  " + policy + " "), policy);
        }
        assertTrue(out.toString().contains("  vtc+NAME "), out.toString());
        assertTrue(!out.toString().contains("yours,"), "a policy of ours has no line: " + out);
        assertTrue(out.toString().contains("llama-3-8b-a100"), out.toString());
    }

    @Test
    void aStudyIsWrittenAndTunedSettingsAreTaken() throws IOException {
        Path tuned = folder.resolve("tuned.json");
        Path json = folder.resolve("out.json");
        Path html = folder.resolve("out.html");
        run(
                "simulate tune --scenario smoke --policy edf,round-robin --budget 3 --seeds 1"
                        + " --duration 4 --rates 1.0 --out "
                        + tuned);
        JsonNode best = new ObjectMapper().readTree(Files.readString(tuned)).get("policies");
        assertEquals(3, best.at("/edf/tried").asInt());
        double gain = best.at("/edf/score").asDouble() - best.at("/edf/defaultScore").asDouble();
        assertTrue(gain >= 0, "the defaults are among those tried: " + best);

        run(
                "simulate --scenario smoke --policies edf,hfx --seeds 2 --duration 4 --rates 0.5,1"
                        + " --policy-set hfx.margin=0.8 --tuned "
                        + tuned
                        + " --json "
                        + json
                        + " --html "
                        + html);
        JsonNode study = new ObjectMapper().readTree(Files.readString(json));
        assertEquals(best.at("/edf/settings"), settings(study.at("/policies/edf/settings")));
        assertEquals("0.8", study.at("/policies/hfx/settings/margin").asText());
        assertEquals(4, study.at("/scenario/run/seconds").asDouble());
        assertTrue(out.toString().contains("rate 1.0 is"), out.toString());
        assertTrue(Files.readString(html).contains("<svg") || Files.size(html) > 250_000);
    }

    /** A map without entries is left out of the file. */
    private static JsonNode settings(JsonNode node) {
        return node.isMissingNode() ? new ObjectMapper().createObjectNode() : node;
    }

    @Test
    void aFitBecomesAProfileThatSimulates() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            int prefill = i % 3 == 0 ? 0 : 64 * i;
            int runs = prefill == 0 ? 0 : 1;
            int decodes = i % 5 == 0 && prefill > 0 ? 0 : i;
            long nanos = 10_000_000 + 80_000L * prefill + 50_000L * decodes;
            lines.add(
                    "{\"prefillRuns\": %d, \"prefillTokens\": %d, \"attentionPairs\": %d, \"decodes\": %d, \"contextTokens\": %d, \"nanos\": %d}"
                            .formatted(
                                    runs,
                                    prefill,
                                    prefill * (long) prefill / 2,
                                    decodes,
                                    700L * decodes + 13L * (i % 7),
                                    nanos));
        }
        Path steps = Files.write(folder.resolve("steps.jsonl"), lines);
        Path profile = folder.resolve("profile.json");
        run("simulate fit " + steps + " --model toy --out " + profile);
        assertTrue(out.toString().contains("fitted to 40 steps: mean error 0."), out.toString());

        run(
                "simulate --scenario smoke --policies sarathi --seeds 1 --duration 3 --rates 0.5"
                        + " --profile "
                        + profile);
        assertTrue(out.toString().contains("rate 1.0 is"), out.toString());
    }

    @Test
    void theDecisionsOfOneRunAreWritten() throws IOException {
        Path file = folder.resolve("decisions.jsonl");
        String one = "simulate --scenario smoke --policies hfx --seeds 1 --duration 4 --rates 1.5";
        run(one + " --decisions " + file);
        Map<String, Integer> counts = new TreeMap<>();
        double lastMillis = 0;
        for (String line : Files.readAllLines(file)) {
            JsonNode decision = new ObjectMapper().readTree(line);
            counts.merge(decision.get("what").asText(), 1, Integer::sum);
            double atMillis = decision.get("atMillis").asDouble();
            assertTrue(atMillis >= lastMillis, "in order: " + line);
            lastMillis = atMillis;
            if (decision.has("predictedFirstTokenMillis")) {
                assertEquals("bound in-time", said(decision));
                double predicted = decision.get("predictedFirstTokenMillis").asDouble();
                assertTrue(predicted >= atMillis, line);
                assertTrue(predicted <= decision.get("dueMillis").asDouble(), line);
            }
        }
        assertTrue(counts.getOrDefault("bound", 0) > 10, counts.toString());
        assertTrue(counts.getOrDefault("started", 0) > 10, counts.toString());
        assertTrue(counts.containsKey("demoted"), "1.5x is too much: " + counts);
        String before = Files.readString(file);
        run(one + " --decisions " + file);
        assertEquals(before, Files.readString(file), "a seed decides everything");
    }

    private static String said(JsonNode decision) {
        return decision.get("what").asText() + " " + decision.get("reason").asText();
    }

    @Test
    void decisionsAreThoseOfOneRun() {
        CommandLine commandLine = Hfx.commandLine();
        commandLine.setErr(new PrintWriter(err, true));
        String two =
                "simulate --scenario smoke --policies hfx,edf --seeds 1 --rates 1 --decisions x";
        assertTrue(commandLine.execute(two.split(" ")) != 0);
        assertTrue(err.toString().contains("one policy, one rate and one seed"), err.toString());
    }

    private void run(String arguments) {
        CommandLine commandLine = Hfx.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        assertEquals(0, commandLine.execute(arguments.split(" ")), err.toString());
    }
}
