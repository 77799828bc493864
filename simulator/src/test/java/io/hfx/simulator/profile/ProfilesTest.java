package io.hfx.simulator.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfilesTest {
    private static final double MS = 1e6;

    @TempDir Path folder;

    @Test
    void everyBuiltInOneSaysWhatItIs() {
        for (String name : Profiles.BUILT_IN) {
            Profile profile = Profiles.named(name);
            assertEquals(name, profile.name());
            assertFalse(profile.source().equals("unknown") || profile.device().equals("unknown"));
            assertTrue(
                    profile.kv().blocks() * profile.kv().blockTokens()
                            >= profile.kv().maxSequenceTokens(),
                    name);
            long decode = profile.timing().model().stepNanos(StepShape.EMPTY.plusDecode(512));
            assertTrue(decode > 5 * MS && decode < 60 * MS, name + ": " + decode);
        }
        String message =
                assertThrows(ProfileException.class, () -> Profiles.named("gpt")).getMessage();
        assertTrue(message.contains("llama-3-8b-a100"), message);
    }

    /** The two published models of Niyama, in seconds: up to 512 tokens in a step, and above. */
    private static double niyamaSeconds(int prefill, int start, int decodes, long context) {
        int all = prefill + decodes;
        return all <= 512
                ? 0.014936
                        + 5.882e-5 * all
                        + 2.248e-5 * prefill
                        + 3.635e-5 * decodes
                        + 1.111e-7 * context
                        + 7.555e-7 * start
                : 0.005004
                        + 2.719e-5 * all
                        + 6.863e-5 * prefill
                        - 4.144e-5 * decodes
                        + 1.663e-7 * context
                        + 2.727e-6 * start;
    }

    @Test
    void llama3IsTheFitOfThePublishedModels() {
        List<StepRecord> steps = new ArrayList<>();
        for (int prefill : new int[] {0, 32, 64, 128, 256, 384, 512, 768, 1024, 1536, 2048}) {
            for (int start : prefill == 0 ? new int[] {0} : new int[] {0, 512, 2048, 4096}) {
                for (int decodes : new int[] {0, 1, 4, 16, 32, 64, 128}) {
                    for (int each : decodes == 0 ? new int[] {0} : new int[] {256, 1024, 4096}) {
                        if (prefill + decodes > 0) {
                            long context = (long) decodes * each;
                            double s = niyamaSeconds(prefill, start, decodes, context);
                            StepShape shape = new StepShape(0, 0, 0, decodes, context);
                            shape = prefill == 0 ? shape : shape.plusChunk(start, prefill);
                            steps.add(new StepRecord(shape, Math.round(s * 1e9)));
                        }
                    }
                }
            }
        }
        ProfileFit fit = ProfileFit.of(steps);
        assertEquals(0.032, fit.meanError(), 0.001);
        assertEquals(0.067, fit.p90Error(), 0.002);
        assertSamePredictions(fit.model(), Profiles.named("llama-3-8b-a100").timing().model());
    }

    @Test
    void opt13bFollowsItsPublishedFormula() {
        LatencyModel m = Profiles.named("opt-13b-a100-tp1").timing().model();
        assertEquals(18.10 + 0.1019 * 512 + 7.12e-6 * 512 * 512, m.prefillNanos(0, 512) / MS, 0.01);
        StepShape decodes = new StepShape(0, 0, 0, 32, 32 * 700);
        assertEquals(19.93 + 6.27e-4 * 32 * 700 + 0.0385 * 32, m.stepNanos(decodes) / MS, 0.01);
    }

    @ParameterizedTest
    @CsvSource({
        "llama2-70b, a100-80gb, 4, llama-2-70b-a100-tp4",
        "llama2-70b, a100-80gb, 8, llama-2-70b-a100-tp8",
        "llama2-70b, h100-80gb, 4, llama-2-70b-h100-tp4",
        "llama2-70b, h100-80gb, 8, llama-2-70b-h100-tp8",
        "bloom-176b, a100-80gb, 8, bloom-176b-a100-tp8",
        "bloom-176b, h100-80gb, 8, bloom-176b-h100-tp8"
    })
    void splitwiseIsTheFitOfItsTable(String model, String device, String tp, String name)
            throws Exception {
        String data = System.getenv("HFX_DATA");
        Path table = Path.of(data == null ? "" : data, "splitwise-perf-model", "perf_model.csv");
        Assumptions.assumeTrue(
                data != null && Files.exists(table),
                "set HFX_DATA to a folder with splitwise-perf-model/perf_model.csv");
        List<String> lines = Files.readAllLines(table);
        List<String> names = List.of(lines.get(0).split(",", -1));
        List<StepRecord> steps = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Map<String, String> row = new HashMap<>();
            for (int i = 0; i < names.size(); i++) {
                row.put(names.get(i), line.split(",", -1)[i]);
            }
            if (row.get("model").equals(model)
                    && row.get("hardware").equals(device)
                    && row.get("tensor_parallel").equals(tp)) {
                addRow(row, steps);
            }
        }
        assertEquals(180, steps.size());
        ProfileFit fit = ProfileFit.of(steps);
        assertTrue(fit.meanError() < 0.1, "mean error " + fit.meanError());
        LatencyModel kept = Profiles.named(name).timing().model();
        assertEquals(0, kept.runNanos());
        for (int n : new int[] {1, 16, 64}) {
            StepShape decodes = new StepShape(0, 0, 0, n, n * 700L);
            assertClose(fit.model().stepNanos(decodes), kept.stepNanos(decodes), decodes);
            StepShape prefill = StepShape.EMPTY.plusChunk(0, 64 * n);
            assertClose(fit.model().stepNanos(prefill), kept.stepNanos(prefill), prefill);
        }
    }

    /** A batch of prompts in one step, and for outputs of 128 tokens its decodes. */
    private static void addRow(Map<String, String> row, List<StepRecord> steps) {
        long prompt = Long.parseLong(row.get("prompt_size"));
        int batch = Integer.parseInt(row.get("batch_size"));
        double pairs = batch * (double) prompt * prompt / 2;
        // One run whatever the batch: the cost of a step, paid once.
        StepShape prefill = new StepShape(1, batch * prompt, pairs, 0, 0);
        steps.add(new StepRecord(prefill, nanos(row, "prompt_time")));
        if (row.get("token_size").equals("128")) {
            StepShape decode = new StepShape(0, 0, 0, batch, batch * (prompt + 64));
            steps.add(new StepRecord(decode, nanos(row, "token_time")));
        }
    }

    private static long nanos(Map<String, String> row, String field) {
        return Math.round(Double.parseDouble(row.get(field)) * MS);
    }

    private static void assertSamePredictions(LatencyModel expected, LatencyModel actual) {
        for (int prefill : new int[] {64, 512, 2048}) {
            for (int decodes : new int[] {1, 16, 64}) {
                StepShape shape = new StepShape(0, 0, 0, decodes, decodes * 700L);
                shape = shape.plusChunk(0, prefill);
                assertClose(expected.stepNanos(shape), actual.stepNanos(shape), shape);
            }
        }
    }

    private static void assertClose(long expected, long actual, StepShape shape) {
        assertEquals(1, (double) actual / expected, 0.01, shape.toString());
    }

    @Test
    void aFitFindsTheModelThatMadeTheSteps() throws Exception {
        LatencyModel truth = new LatencyModel(5e6, 1e6, 7e4, 3, 2e6, 9e4, 150);
        SplittableRandom random = new SplittableRandom(1);
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            int decodes = random.nextInt(64);
            StepShape shape = new StepShape(0, 0, 0, decodes, decodes * random.nextLong(1, 4_000));
            if (decodes == 0 || random.nextInt(3) == 0) {
                shape = shape.plusChunk(random.nextInt(4_000), 1 + random.nextInt(2_000));
            }
            double noise = Math.exp(0.02 * random.nextGaussian());
            file.append(
                    String.format(
                            "{\"prefillRuns\":%d,\"prefillTokens\":%d,\"attentionPairs\":%s,"
                                    + "\"decodes\":%d,\"contextTokens\":%d,\"nanos\":%d,"
                                    + "\"overheadNanos\":%d}%n",
                            shape.prefillRuns(),
                            shape.prefillTokens(),
                            shape.attentionPairs(),
                            shape.decodes(),
                            shape.contextTokens(),
                            Math.round(truth.stepNanos(shape) * noise),
                            (i % 2 == 0 ? 300 : 500) + 50 * decodes));
        }
        Path recording = folder.resolve("steps.jsonl");
        Files.writeString(recording, file);
        ProfileFit fit = ProfileFit.of(StepRecords.read(recording));
        assertEquals(2_000, fit.steps());
        assertEquals(0.016, fit.meanError(), 0.003, "mean of |N(0, 0.02)|");
        assertEquals(0.02, fit.noiseSigma(), 0.002);
        assertEquals(400, (double) fit.overheadNanos(), 20);
        assertEquals(50, (double) fit.decodeOverheadNanos(), 1);
        assertEquals(900, (double) fit.timing(1).overheadNanos(decodes(10)), 25);
        assertEquals(7e4, fit.model().tokenNanos(), 2e3);
        List<StepRecord> twice =
                StepRecords.read(recording).stream()
                        .map(s -> new StepRecord(s.shape(), 2 * s.nanos()))
                        .toList();
        assertEquals(
                1.4e5, ProfileFit.scaled(fit.model(), twice).model().tokenNanos(), 4e3, "slower");
        assertEquals(150, fit.model().contextNanos(), 5);
        Files.writeString(recording, "{\"prefillRuns\":1}\n");
        String message =
                assertThrows(ProfileException.class, () -> StepRecords.read(recording))
                        .getMessage();
        assertTrue(message.contains("line 1"), message);
    }

    private static StepShape decodes(int count) {
        return new StepShape(0, 0, 0, count, count);
    }

    @Test
    void aFileOfTheUsersNamesItsMistakes() throws Exception {
        String good =
                "{\"chunkNanos\":1,\"promptTokenNanos\":2,\"attentionPairNanos\":0.5,"
                        + "\"decodeStepNanos\":3,\"decodeNanos\":4,\"contextTokenNanos\":5}";
        Path file = folder.resolve("mine.json");
        Files.writeString(file, good);
        assertEquals(new LatencyModel(0, 1, 2, 0.5, 3, 4, 5), Profiles.read(file).timing().model());
        for (String[] bad :
                new String[][] {
                    {good.replace("\"decodeNanos\":4,", ""), "decodeNanos"},
                    {good.replace("\"decodeNanos\"", "\"decodNanos\""), "decod"},
                    {good.replace("}", ",\"slices\":0}"), "slices must be"},
                    {good.replace("0.5", "-1"), "coefficients must be 0 or more"},
                }) {
            Files.writeString(file, bad[0]);
            String message =
                    assertThrows(ProfileException.class, () -> Profiles.read(file)).getMessage();
            assertTrue(message.contains("mine.json") && message.contains(bad[1]), message);
        }
    }

    /** One file for the emulated backend and the simulator. */
    @Test
    void theSampleConfigurationIsAProfile() {
        Profile sample = Profiles.read(Path.of("../configs/latency-profile.json"));
        assertEquals("sample", sample.name());
        assertEquals(16, sample.maxSequences());
        assertEquals(300_000, sample.timing().model().tokenNanos());
    }

    @Test
    void anErrorOfTheModelIsTheSameForTheSameSeed() {
        LatencyModel truth = Profiles.named("llama-3-8b-a100").timing().model();
        assertEquals(truth, ModelError.NONE.of(truth, 1));
        ModelError wrong = new ModelError(1.5, 0.3, false);
        assertEquals(wrong.of(truth, 1), wrong.of(truth, 1));
        double log = 0;
        for (int seed = 0; seed < 2_000; seed++) {
            log += Math.log(wrong.of(truth, seed).tokenNanos() / truth.tokenNanos());
        }
        assertEquals(Math.log(1.5), log / 2_000, 0.03);
    }
}
