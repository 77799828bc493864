package io.hfx.plugin.live;

import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.scheduler.kv.RestoreSpec;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.OnlineFit;
import io.hfx.scheduler.latency.StepShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a few steps on a new executor, to warm it up and to have a first latency model before the
 * first request. Takes well under a second on the small sample model.
 */
final class Calibration {
    private static final int ROUNDS = 3;
    private static final int[] CHUNKS = {16, 128, 64, 256};

    /** Of the order of a small model on one CPU core; measured steps soon take its place. */
    private static final LatencyModel GUESS = new LatencyModel(1e6, 1e6, 3e5, 100, 5e6, 1e6, 1_500);

    private final TokenExecutor executor;
    private final OnlineFit fit = new OnlineFit(GUESS);

    private Calibration(TokenExecutor executor) {
        this.executor = executor;
    }

    /** A first latency model. Leaves no KV held. */
    static LatencyModel measure(TokenExecutor executor) {
        Calibration calibration = new Calibration(executor);
        for (int i = 0; i < ROUNDS; i++) {
            calibration.round();
        }
        return calibration.fit.model();
    }

    /** How KV is copied from the prefix cache; measured. Leaves no KV held. */
    static RestoreSpec restoring(TokenExecutor executor, int blockTokens) {
        int tokens = Math.min(blockTokens, executor.spec().maxSequenceTokens());
        KvBlock block = executor.newBlock(tokens);
        try (KvSequence source = executor.open(tokens);
                StepCursor cursor =
                        executor.begin(
                                new StepInput(
                                        List.of(new Segment(source, new int[tokens], false))))) {
            while (!cursor.advance()) {
                // slice after slice
            }
            executor.export(source, block);
        }
        long bestNanos = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            try (KvSequence target = executor.open(tokens)) {
                long startNanos = System.nanoTime();
                executor.restore(target, block);
                bestNanos = Math.min(bestNanos, System.nanoTime() - startNanos);
            }
        }
        return new RestoreSpec(blockTokens, (double) bestNanos / tokens);
    }

    private void round() {
        List<KvSequence> sequences = new ArrayList<>();
        try {
            int most = executor.spec().maxSequenceTokens();
            for (int i = 0; i < Math.min(CHUNKS.length, executor.spec().slots()); i++) {
                KvSequence sequence = executor.open(most);
                sequences.add(sequence);
                run(List.of(new Segment(sequence, new int[Math.min(CHUNKS[i], most / 2)], true)));
            }
            run(List.of(decode(sequences.get(0))));
            run(sequences.stream().map(Calibration::decode).toList());
        } finally {
            sequences.forEach(KvSequence::close);
        }
    }

    private static Segment decode(KvSequence sequence) {
        return new Segment(sequence, new int[1], true);
    }

    private void run(List<Segment> segments) {
        StepShape shape = StepShape.EMPTY;
        for (Segment segment : segments) {
            int start = segment.sequence().length();
            int tokens = segment.tokens().length;
            shape = tokens == 1 ? shape.plusDecode(start + 1) : shape.plusChunk(start, tokens);
        }
        try (StepCursor cursor = executor.begin(new StepInput(segments))) {
            long startNanos = System.nanoTime();
            while (!cursor.advance()) {
                // slice after slice
            }
            fit.learn(shape, Math.max(1, System.nanoTime() - startNanos));
        }
    }
}
