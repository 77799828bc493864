package io.hfx.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.text.CheckpointTokenizer;
import io.hfx.engine.weights.ModelWeights;
import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.live.LoopLog;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Time to the first token of a chat's second turn with the prefix cache and without it, in pairs of
 * the same conversation on one worker, alone and beside sequences that decode; and what copying KV
 * costs by itself. One executor thread, wall-clock time. Writes JSON.
 *
 * <p>Arguments: folder of a checkpoint, pairs, file for the JSON.
 */
public final class PrefixBenchmark {
    private static final int HISTORY_TOKENS = 1_500;
    private static final int REPLY_TOKENS = 32;
    private static final int QUESTION_TOKENS = 60;
    private static final int CONTEXT_TOKENS = 2_048;
    private static final int SLOTS = 6;
    private static final int DECODES = 4;
    private static final int REPEATS = 21;
    private static final long WAIT_SECONDS = 300;
    private static final SloClass CHAT =
            new SloClass(
                    "chat", new Slo(60_000_000_000L, 1_000_000_000L, Slo.NONE), OnMiss.DEMOTE, 1);

    private final OrtModel model;
    private final LiveModelService service;
    private final SplittableRandom random = new SplittableRandom(1);
    private long ids;

    private PrefixBenchmark(OrtModel model, LiveModelService service) {
        this.model = model;
        this.service = service;
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int pairs = Integer.parseInt(args[1]);
        ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Map<String, Object> report = new LinkedHashMap<>();
        try (CheckpointTokenizer tokenizer = CheckpointTokenizer.load(folder);
                OrtModel model = OrtModel.of(ModelWeights.load(folder), 1)) {
            model.optimise().toCompletableFuture().join();
            report.put("onnxruntime", Ort.ENVIRONMENT.getVersion());
            report.put("kvBytesPerToken", OrtExecutor.kvBytesPerToken(model.config()));
            report.put("copy", copies(model));
            PrefixStore store =
                    new PrefixStore(
                            model.modelHash(),
                            PrefixStore.BLOCK_TOKENS,
                            OrtExecutor.kvBytesPerToken(model.config()),
                            256L << 20);
            try (LiveModelService service = service(model, tokenizer, store)) {
                PrefixBenchmark benchmark = new PrefixBenchmark(model, service);
                for (int decodes : new int[] {0, DECODES}) {
                    report.put("beside" + decodes + "Decodes", benchmark.measure(pairs, decodes));
                    System.out.println(json.writeValueAsString(report));
                }
            }
            report.put("store", store.stats());
        }
        json.writeValue(new File(args[2]), report);
    }

    private static LiveModelService service(
            OrtModel model, CheckpointTokenizer tokenizer, PrefixStore store) {
        OrtOptions options = new OrtOptions(SLOTS, CONTEXT_TOKENS, SLOTS * CONTEXT_TOKENS);
        return LiveWorker.start(model, tokenizer, options, LoopLog.NONE, store);
    }

    /** Median times of copying one block, as the worker's thread does it. */
    private static Map<String, Object> copies(OrtModel model) {
        int tokens = PrefixStore.BLOCK_TOKENS;
        double[] exports = new double[REPEATS];
        double[] restores = new double[REPEATS];
        try (OrtExecutor executor = new OrtExecutor(model, OrtOptions.of(2, CONTEXT_TOKENS));
                KvSequence source = executor.open(CONTEXT_TOKENS)) {
            StepInput prompt =
                    new StepInput(List.of(new Segment(source, new int[tokens * REPEATS], false)));
            try (StepCursor cursor = executor.begin(prompt)) {
                while (!cursor.advance()) {
                    // slice after slice
                }
            }
            List<KvBlock> blocks = new ArrayList<>();
            for (int i = 0; i < REPEATS; i++) {
                KvBlock block = executor.newBlock(tokens).at(i * tokens);
                long startNanos = System.nanoTime();
                executor.export(source, block);
                exports[i] = (System.nanoTime() - startNanos) / 1e3;
                blocks.add(block);
            }
            try (KvSequence target = executor.open(CONTEXT_TOKENS)) {
                for (int i = 0; i < REPEATS; i++) {
                    long startNanos = System.nanoTime();
                    executor.restore(target, blocks.get(i));
                    restores[i] = (System.nanoTime() - startNanos) / 1e3;
                }
            }
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("blockTokens", tokens);
        out.put("putBlockMicros", median(exports));
        out.put("restoreBlockMicros", median(restores));
        return out;
    }

    /** Pairs in turns: with the cache first, then without it first. */
    private Map<String, Object> measure(int pairs, int decodes) throws Exception {
        double[] with = new double[pairs];
        double[] without = new double[pairs];
        double[] gapWith = new double[pairs];
        double[] gapWithout = new double[pairs];
        Background background = new Background(decodes);
        background.keepUp();
        for (int i = 0; i < pairs; i++) {
            int[] history = tokens(HISTORY_TOKENS);
            String scope = "pair " + decodes + " " + i;
            int[] second =
                    joined(history, turn(history, scope, REPLY_TOKENS), tokens(QUESTION_TOKENS));
            for (boolean cached :
                    i % 2 == 0 ? new boolean[] {true, false} : new boolean[] {false, true}) {
                background.reset();
                Turn turn = start(second, cached ? scope : null, 2);
                double firstMs = turn.first.get(WAIT_SECONDS, TimeUnit.SECONDS) / 1e6;
                double gapMs = background.worstGapMs();
                turn.end.get(WAIT_SECONDS, TimeUnit.SECONDS);
                (cached ? with : without)[i] = firstMs;
                (cached ? gapWith : gapWithout)[i] = gapMs;
            }
        }
        background.stop();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("pairs", pairs);
        out.put("promptTokens", HISTORY_TOKENS + REPLY_TOKENS + QUESTION_TOKENS);
        out.put("ttftMsWithCacheMedian", median(with));
        out.put("ttftMsWithoutMedian", median(without));
        out.put("ttftMsWithCache", with);
        out.put("ttftMsWithout", without);
        if (decodes > 0) {
            out.put("othersWorstGapMsWithCacheMedian", median(gapWith));
            out.put("othersWorstGapMsWithoutMedian", median(gapWithout));
        }
        return out;
    }

    private int[] turn(int[] prompt, String scope, int maxTokens) throws Exception {
        Turn turn = start(prompt, scope, maxTokens);
        turn.end.get(WAIT_SECONDS, TimeUnit.SECONDS);
        return turn.tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private Turn start(int[] prompt, @Nullable String scope, int maxTokens) {
        return LiveWorker.submit(service, ++ids, prompt, maxTokens, CHAT, scope);
    }

    private int[] tokens(int count) {
        return random.ints(count, 64, model.config().vocabulary()).toArray();
    }

    private static int[] joined(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Sequences that decode all the time: one that ends is followed by the next. */
    private final class Background {
        private static final int OUTPUT_TOKENS = 1_800;
        private final Turn[] turns;

        Background(int count) {
            turns = new Turn[count];
        }

        void keepUp() throws Exception {
            for (int i = 0; i < turns.length; i++) {
                if (turns[i] == null || turns[i].end.isDone()) {
                    turns[i] = start(tokens(50), null, OUTPUT_TOKENS);
                    turns[i].first.get(WAIT_SECONDS, TimeUnit.SECONDS);
                }
            }
        }

        void reset() throws Exception {
            keepUp();
            for (Turn turn : turns) {
                turn.takeWorstGap();
            }
        }

        double worstGapMs() {
            return Arrays.stream(turns).mapToLong(Turn::takeWorstGap).max().orElse(0) / 1e6;
        }

        void stop() {
            for (long id = 1; id <= ids; id++) {
                service.cancel(id);
            }
        }
    }
}
