package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.translate.NoopTranslator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.UnixOperatingSystemMXBean;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.config.WeightSource;
import io.hfx.plugin.http.Caller;
import io.hfx.plugin.openai.OpenAiApi;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.weights.WeightStatus;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Token-level models as DJL handles them: load, predictors as workers, close. */
@Timeout(300)
class HfxModelTest {
    private static final Map<String, String> SMALL =
            Map.of("kv_slots", "2", "context_tokens", "64");
    private static final String BODY =
            "{\"prompt\":\"a b c\",\"max_tokens\":8,\"ignore_eos\":true}";

    @TempDir static Path folder;

    private final HfxModels models = new HfxModels();
    private final OpenAiApi api =
            new OpenAiApi(
                    models,
                    "",
                    new RequestLimits(1024, 10_000, 10_000, 16, 64, 256, 1024, 2, 256),
                    SloClasses.NONE);
    private final GenerationJobs jobs = new GenerationJobs(api, head -> Caller.ANYBODY, 1 << 20, 2);

    @AfterEach
    void close() {
        jobs.close();
        api.close();
    }

    @BeforeAll
    static void sample() throws Exception {
        SampleModel.create(SampleModel.Size.MICRO, folder, 1);
    }

    private HfxModel load(Map<String, String> options) throws Exception {
        HfxModel model = new HfxModel("sample", models);
        model.load(folder, null, options);
        return model;
    }

    private static Predictor<?, ?> worker(HfxModel model) {
        return model.newPredictor(new NoopTranslator(), Device.cpu());
    }

    private CompletableFuture<Output> ask() {
        Input input = new Input();
        input.add(BODY);
        return jobs.run("sample", null, input);
    }

    private static void await(BooleanSupplier condition) {
        long untilNanos = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < untilNanos, "not within 30 s");
            Thread.onSpinWait();
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().matches("(worker-\\d|hfx-(dispatcher|starter|close)).*"))
                .count();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long files() {
        return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
                .getOpenFileDescriptorCount();
    }

    @Test
    void eachPredictorIsAWorkerOnTheSameWeights() throws Exception {
        HfxModel model = load(SMALL);
        ModelService service = models.find("sample");
        assertNotNull(service);
        assertTrue(model.lacksWorkers());
        Predictor<?, ?> first = worker(model);
        Predictor<?, ?> second = worker(model);
        model.settled().get(30, TimeUnit.SECONDS);
        assertEquals(2, service.status().workers().size());
        Output output = ask().get(30, TimeUnit.SECONDS);
        JsonNode json = new ObjectMapper().readTree(output.getData().getAsString());
        assertEquals(200, output.getCode(), json.toString());
        assertEquals(8, json.get("usage").get("completion_tokens").asInt());
        first.close();
        first.close();
        model.settled().get(30, TimeUnit.SECONDS);
        assertEquals(1, service.status().workers().size());
        assertEquals(200, ask().get(30, TimeUnit.SECONDS).getCode());
        model.close();
        second.close();
        assertNull(models.find("sample"));
        assertEquals(404, ask().get(30, TimeUnit.SECONDS).getCode());
        await(() -> threads() == 0);
    }

    /** Workers share the weights: with the files gone, more of them start all the same. */
    @Test
    void fromOneWorkerToThreeNoFileIsReadAgain(@TempDir Path own) throws Exception {
        SampleModel.create(SampleModel.Size.MICRO, own, 1);
        HfxModel model = new HfxModel("sample", models);
        model.load(own, null, SMALL);
        Predictor<?, ?> first = worker(model);
        model.settled().get(30, TimeUnit.SECONDS);
        Files.delete(own.resolve("model.safetensors"));
        List<Predictor<?, ?>> more = List.of(worker(model), worker(model));
        model.settled().get(30, TimeUnit.SECONDS);
        assertEquals(3, model.service().status().workers().size());
        assertEquals(200, ask().get(30, TimeUnit.SECONDS).getCode());
        WeightStatus weights = Objects.requireNonNull(models.weights("sample"));
        assertEquals(WeightSource.DISK, weights.view().held().source());
        model.close();
        first.close();
        more.forEach(Predictor::close);
        await(() -> threads() == 0);
    }

    @Test
    void anEndUnderLoadAnswersEveryRequest() throws Exception {
        HfxModel model = load(SMALL);
        Predictor<?, ?> worker = worker(model);
        List<CompletableFuture<Output>> asked = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            asked.add(ask());
        }
        model.close();
        worker.close();
        for (CompletableFuture<Output> each : asked) {
            int code = each.get(30, TimeUnit.SECONDS).getCode();
            // a job that is refused gets 429, as every refusal inside the server
            assertTrue(Set.of(200, 404, 429, 500).contains(code), "code " + code);
        }
        await(() -> threads() == 0);
    }

    /** Direct memory counts when its owners have been collected. */
    @Test
    void fiftyLivesLeaveNothingBehind() throws Exception {
        long files = 0;
        long bytes = 0;
        for (int i = 0; i < 50; i++) {
            HfxModel model = load(SMALL);
            Predictor<?, ?> worker = worker(model);
            CompletableFuture<Output> asked = ask();
            if (i % 2 == 0) {
                assertEquals(200, asked.get(30, TimeUnit.SECONDS).getCode());
            }
            model.close();
            worker.close();
            asked.get(30, TimeUnit.SECONDS);
            await(() -> threads() == 0);
            if (i == 9) {
                System.gc();
                files = files();
                bytes = directBytes();
            }
        }
        long filesBefore = files;
        long bytesBefore = bytes;
        assertTrue(files() <= filesBefore + 4, files() + " files after " + filesBefore);
        await(
                () -> {
                    System.gc();
                    return directBytes() <= bytesBefore + 1_000_000;
                });
    }

    @Test
    void aWrongValueIsNamed() {
        HfxModel model = new HfxModel("sample", models);
        MalformedModelException thrown =
                assertThrows(
                        MalformedModelException.class,
                        () -> model.load(folder, null, Map.of("kv_slots", "many")));
        assertTrue(
                thrown.getMessage().contains("hfx.kv_slots must be a whole number"),
                thrown.getMessage());
        assertEquals(List.of(), models.names());
    }

    @Test
    void ofTwoVersionsTheLaterIsFound() throws Exception {
        HfxModel old = load(SMALL);
        HfxModel fresh = load(SMALL);
        assertEquals(fresh.service(), models.find("sample"));
        fresh.close();
        assertEquals(old.service(), models.find("sample"));
        old.close();
        assertEquals(List.of(), models.names());
    }
}
