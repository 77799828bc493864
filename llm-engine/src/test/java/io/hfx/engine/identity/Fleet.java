package io.hfx.engine.identity;

import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Drives an executor over tracked sequences; each way of running is a few of its calls. */
final class Fleet {
    /** A sequence of the executor and the reference that it has to follow. */
    static final class Live {
        final TokenIdentity.Track track;
        KvSequence kv;

        private Live(TokenIdentity.Track track, KvSequence kv) {
            this.track = track;
            this.kv = kv;
        }

        int[] prompt() {
            return track.reference().prompt();
        }

        boolean prefilled() {
            return track.position() > 0;
        }

        /** The next decode, or the next chunk of the prompt. */
        Segment next(int chunkTokens) {
            if (prefilled()) {
                return new Segment(kv, new int[] {track.last()}, true);
            }
            int from = kv.length();
            int to = Math.min(prompt().length, from + chunkTokens);
            return new Segment(kv, Arrays.copyOfRange(prompt(), from, to), to == prompt().length);
        }
    }

    private final TokenExecutor executor;

    Fleet(TokenExecutor executor) {
        this.executor = executor;
    }

    TokenExecutor executor() {
        return executor;
    }

    Live open(TokenIdentity.Track track) {
        int tokens = track.reference().prompt().length + track.reference().tokens().length;
        return new Live(track, executor.open(tokens));
    }

    /** One step over these sequences, chunks at most {@code chunkTokens} long. */
    void step(int chunkTokens, Live... sequences) {
        step(chunkTokens, List.of(sequences), () -> {});
    }

    void step(int chunkTokens, List<Live> sequences, Runnable betweenSlices) {
        List<Segment> segments = new ArrayList<>();
        sequences.forEach(live -> segments.add(live.next(chunkTokens)));
        try (StepCursor cursor = executor.begin(new StepInput(segments))) {
            while (!cursor.advance()) {
                betweenSlices.run();
            }
            for (int i = 0; i < sequences.size(); i++) {
                if (segments.get(i).wantLogits()) {
                    sequences.get(i).track.accept(cursor.logits(i));
                }
            }
        }
    }

    /** Runs some slices of a step and gives it up. */
    void abort(int chunkTokens, int slices, Live... sequences) {
        List<Segment> segments = new ArrayList<>();
        List.of(sequences).forEach(live -> segments.add(live.next(chunkTokens)));
        try (StepCursor cursor = executor.begin(new StepInput(segments))) {
            for (int i = 0; i < slices; i++) {
                cursor.advance();
            }
        }
    }

    void prefill(int chunkTokens, Live live) {
        while (!live.prefilled()) {
            step(chunkTokens, live);
        }
    }

    void finish(int chunkTokens, Live live) {
        while (!live.track.finished()) {
            step(chunkTokens, live);
        }
    }

    void decode(int tokens, Live... sequences) {
        for (int i = 0; i < tokens; i++) {
            step(1, sequences);
        }
    }

    /** Every step carries all live sequences; a new one joins every third step. */
    void staggered(TokenIdentity identity, List<TokenIdentity.Case> references, int chunkTokens) {
        List<TokenIdentity.Case> waiting = new ArrayList<>(references);
        List<Live> live = new ArrayList<>();
        for (int step = 0; !waiting.isEmpty() || !live.isEmpty(); step++) {
            boolean joins = step % 3 == 0 && !waiting.isEmpty();
            if (joins && live.size() < executor.spec().slots()) {
                live.add(open(identity.track(waiting.remove(0))));
            }
            if (!live.isEmpty()) {
                step(chunkTokens, live, () -> {});
            }
            for (Live done : live.stream().filter(l -> l.track.finished()).toList()) {
                done.kv.close();
                live.remove(done);
            }
        }
    }

    /** Moves a sequence's KV to another executor (or another slot of this one). */
    static void move(Live live, Fleet from, Fleet to) {
        int length = live.kv.length();
        List<KvBlock> blocks = new ArrayList<>();
        int half = length / 2;
        if (half > 0) {
            blocks.add(from.executor.export(live.kv, 0, half));
        }
        blocks.add(from.executor.export(live.kv, half, length));
        KvSequence target =
                to.executor.open(live.prompt().length + live.track.reference().tokens().length);
        blocks.forEach(block -> to.executor.restore(target, block));
        live.kv.close();
        live.kv = target;
    }
}
