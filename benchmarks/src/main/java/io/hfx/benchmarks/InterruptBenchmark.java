package io.hfx.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.hfx.benchmarks.StepTrace.Step;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.sample.SampleModel;
import io.hfx.engine.text.CheckpointTokenizer;
import io.hfx.engine.weights.ModelWeights;
import io.hfx.plugin.live.LiveModelService;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How soon a tight request starts on a worker that runs a step of a loose prefill, in layers of
 * that step, and what the loose one loses: the real engine on the base sample model, one worker and
 * thread, policy {@code hfx}. Tight requests come at random times of the step's first half, when
 * they cannot wait for its end. Writes JSON.
 *
 * <p>Arguments: file for the JSON; arrivals of each kind, {@value #ARRIVALS} unless stated.
 */
public final class InterruptBenchmark {
    private static final int ARRIVALS = 120;
    private static final int LOOSE_TOKENS = 640;
    private static final int TIGHT_TOKENS = 32;
    private static final int DECODES = 4;
    private static final int CONTEXT_TOKENS = 2_048;
    private static final int SLOTS = 4;
    private static final int WARM_UP = 8;
    private static final long SEED = 1;
    private static final long WAIT_SECONDS = 60;

    /** Share of the loose step that a tight request can wait for. */
    private static final double PATIENCE = 0.35;

    private final int vocabulary;
    private final LiveModelService service;
    private final StepTrace trace;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<String, Object> report = new LinkedHashMap<>();
    private long ids;

    private InterruptBenchmark(int vocabulary, LiveModelService service, StepTrace trace) {
        this.vocabulary = vocabulary;
        this.service = service;
        this.trace = trace;
    }

    public static void main(String[] args) throws Exception {
        int arrivals = args.length > 1 ? Integer.parseInt(args[1]) : ARRIVALS;
        Path folder = Files.createTempDirectory("hfx-interrupt");
        try {
            SampleModel.create(SampleModel.Size.BASE, folder, SEED);
            Map<String, Object> report = measure(folder, arrivals);
            ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
            System.out.println(json.writeValueAsString(report));
            json.writeValue(new File(args[0]), report);
        } finally {
            remove(folder);
        }
    }

    private static void remove(Path folder) throws IOException {
        for (String file : SampleModel.FILES) {
            Files.deleteIfExists(folder.resolve(file));
        }
        Files.delete(folder);
    }

    private static Map<String, Object> measure(Path folder, int arrivals) throws Exception {
        StepTrace trace = new StepTrace();
        try (CheckpointTokenizer tokenizer = CheckpointTokenizer.load(folder);
                OrtModel model = OrtModel.of(ModelWeights.load(folder), 1)) {
            model.optimise().toCompletableFuture().join();
            try (LiveModelService service =
                    LiveWorker.start(
                            model, tokenizer, OrtOptions.of(SLOTS, CONTEXT_TOKENS), trace, null)) {
                int vocabulary = model.config().vocabulary();
                var benchmark = new InterruptBenchmark(vocabulary, service, trace);
                benchmark.report.put("machine", Machine.here());
                benchmark.report.put("commit", Machine.commit());
                benchmark.report.put("onnxruntime", Ort.ENVIRONMENT.getVersion());
                benchmark.report.put("layers", model.config().layers());
                benchmark.run(arrivals);
                return benchmark.report;
            }
        }
    }

    private void run(int arrivals) throws Exception {
        report.put("loadAverageBefore", Machine.loadAverage());
        long[] looses = new long[WARM_UP];
        long[] tights = new long[WARM_UP];
        long[] decodes = new long[WARM_UP];
        for (int i = 0; i < WARM_UP; i++) {
            looses[i] = alone(LOOSE_TOKENS, 1).get(0);
            List<Long> steps = alone(TIGHT_TOKENS, 2);
            tights[i] = steps.get(0);
            decodes[i] = steps.get(1);
        }
        long looseNanos = median(looses);
        long tightNanos = median(tights);
        long decodeNanos = median(decodes);
        report.put("looseTokens", LOOSE_TOKENS);
        report.put("looseStepMs", looseNanos / 1e6);
        report.put("tightTokens", TIGHT_TOKENS);
        report.put("tightStepMs", tightNanos / 1e6);
        report.put("decodeStepMs", decodeNanos / 1e6);
        long ttftNanos = (long) (PATIENCE * looseNanos) + tightNanos;
        long tpotNanos = 2 * decodeNanos;
        report.put("tightTtftMs", ttftNanos / 1e6);
        report.put("tightTpotMs", tpotNanos / 1e6);
        Slo prefill = new Slo(ttftNanos, Slo.NONE, Slo.NONE);
        report.put("prefill", arrive(arrivals, looseNanos, 1, prefill));
        Slo decode = new Slo(ttftNanos, tpotNanos, Slo.NONE);
        report.put("prefillAndDecodes", arrive(arrivals, looseNanos, 1 + DECODES, decode));
        report.put("loadAverageAfter", Machine.loadAverage());
    }

    private static long median(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[nanos.length / 2];
    }

    /** Times of the steps of a request that has the worker to itself. */
    private List<Long> alone(int promptTokens, int outputTokens) throws Exception {
        start(promptTokens, outputTokens, SloClass.BEST_EFFORT)
                .end
                .get(WAIT_SECONDS, TimeUnit.SECONDS);
        return trace.take().stream().map(step -> step.endNanos - step.startNanos).toList();
    }

    private Map<String, Object> arrive(int arrivals, long looseNanos, int outputTokens, Slo slo)
            throws Exception {
        SloClass tight = new SloClass("tight", slo, OnMiss.DEMOTE, 1);
        List<Interruption> all = new ArrayList<>();
        while (all.size() < arrivals) {
            Turn loose = start(LOOSE_TOKENS, 1, SloClass.BEST_EFFORT);
            long looseId = ids;
            trace.awaitStart(looseId);
            LockSupport.parkNanos(random.nextLong(looseNanos / 2));
            Turn turn = start(TIGHT_TOKENS, outputTokens, tight);
            long firstNanos = turn.first.get(WAIT_SECONDS, TimeUnit.SECONDS);
            turn.end.get(WAIT_SECONDS, TimeUnit.SECONDS);
            long allNanos = System.nanoTime() - turn.startNanos;
            loose.end.get(WAIT_SECONDS, TimeUnit.SECONDS);
            List<Step> steps = trace.take();
            boolean met =
                    firstNanos <= slo.ttftNanos()
                            && keepsPace(allNanos - firstNanos, outputTokens, slo);
            Interruption one =
                    Interruption.of(steps, looseId, ids, trace.boundNanos(ids), firstNanos, met);
            if (one != null) {
                all.add(one);
            }
        }
        return Interruption.report(all);
    }

    private static boolean keepsPace(long nanos, int outputTokens, Slo slo) {
        return !slo.hasTpot() || nanos <= (outputTokens - 1) * slo.tpotNanos();
    }

    private Turn start(int promptTokens, int outputTokens, SloClass sloClass) {
        int[] prompt = random.ints(promptTokens, 64, vocabulary).toArray();
        return LiveWorker.submit(service, ++ids, prompt, outputTokens, sloClass, null);
    }
}
