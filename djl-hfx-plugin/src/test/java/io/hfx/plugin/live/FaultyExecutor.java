package io.hfx.plugin.live;

import io.hfx.engine.executor.ExecutorSpec;
import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An executor that fails where and when its {@link Faults} say. */
final class FaultyExecutor implements TokenExecutor {
    /** The calls of an executor that may fail. */
    enum Call {
        CREATE,
        OPEN,
        EXPORT,
        RESTORE,
        FORK,
        BEGIN,
        ADVANCE,
        LOGITS,
        /** The logits come, but are NaN. */
        NAN,
        CLOSE
    }

    /** What is to fail, for all executors that share it. Thread-safe. */
    static final class Faults {
        private volatile @Nullable Call call;
        private volatile Supplier<Throwable> error = () -> new IllegalStateException("unset");
        private final AtomicInteger before = new AtomicInteger();
        private final AtomicInteger left = new AtomicInteger();

        /** The calls after the next {@code skip} ones fail, {@code times} of them. */
        void arm(Call which, int skip, int times, Supplier<Throwable> with) {
            error = with;
            before.set(skip);
            left.set(times);
            call = which;
        }

        /** How many are still to fail. */
        int left() {
            return Math.max(0, left.get());
        }

        boolean due(Call now) {
            return now == call && before.getAndDecrement() <= 0 && left.getAndDecrement() > 0;
        }

        void check(Call now) {
            if (due(now)) {
                Throwable thrown = error.get();
                if (thrown instanceof Error e) {
                    throw e;
                }
                throw (RuntimeException) thrown;
            }
        }
    }

    private final TokenExecutor executor;
    private final Faults faults;

    FaultyExecutor(TokenExecutor executor, Faults faults) {
        faults.check(Call.CREATE);
        this.executor = executor;
        this.faults = faults;
    }

    @Override
    public StepCursor begin(StepInput input) {
        faults.check(Call.BEGIN);
        StepCursor cursor = executor.begin(input);
        return new StepCursor() {
            @Override
            public int slices() {
                return cursor.slices();
            }

            @Override
            public int done() {
                return cursor.done();
            }

            @Override
            public boolean advance() {
                faults.check(Call.ADVANCE);
                return cursor.advance();
            }

            @Override
            public FloatBuffer logits(int segment) {
                faults.check(Call.LOGITS);
                if (faults.due(Call.NAN)) {
                    float[] broken = new float[executor.spec().vocabulary()];
                    Arrays.fill(broken, Float.NaN);
                    return FloatBuffer.wrap(broken);
                }
                return cursor.logits(segment);
            }

            @Override
            public void close() {
                cursor.close();
            }
        };
    }

    @Override
    public ExecutorSpec spec() {
        return executor.spec();
    }

    @Override
    public KvSequence open(int reserveTokens) {
        faults.check(Call.OPEN);
        return executor.open(reserveTokens);
    }

    @Override
    public void fork(KvSequence from, KvSequence to, int tokens) {
        faults.check(Call.FORK);
        executor.fork(from, to, tokens);
    }

    @Override
    public KvBlock export(KvSequence sequence, int fromToken, int toToken) {
        return executor.export(sequence, fromToken, toToken);
    }

    @Override
    public KvBlock newBlock(int tokens) {
        return executor.newBlock(tokens);
    }

    @Override
    public void export(KvSequence sequence, KvBlock into) {
        faults.check(Call.EXPORT);
        executor.export(sequence, into);
    }

    @Override
    public void restore(KvSequence sequence, KvBlock block) {
        faults.check(Call.RESTORE);
        executor.restore(sequence, block);
    }

    @Override
    public CompletionStage<Void> optimise() {
        return executor.optimise();
    }

    @Override
    public void close() {
        executor.close();
        faults.check(Call.CLOSE);
    }
}
