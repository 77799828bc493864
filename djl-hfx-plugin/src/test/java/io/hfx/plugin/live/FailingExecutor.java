package io.hfx.plugin.live;

import io.hfx.engine.executor.ExecutorSpec;
import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** Fails to begin the steps that it is told to fail. */
final class FailingExecutor implements TokenExecutor {
    private final TokenExecutor executor;
    private final Predicate<StepInput> fails;

    FailingExecutor(TokenExecutor executor, Predicate<StepInput> fails) {
        this.executor = executor;
        this.fails = fails;
    }

    @Override
    public StepCursor begin(StepInput input) {
        if (fails.test(input)) {
            throw new IllegalStateException("told to fail");
        }
        return executor.begin(input);
    }

    @Override
    public ExecutorSpec spec() {
        return executor.spec();
    }

    @Override
    public KvSequence open(int reserveTokens) {
        return executor.open(reserveTokens);
    }

    @Override
    public void fork(KvSequence from, KvSequence to, int tokens) {
        executor.fork(from, to, tokens);
    }

    @Override
    public KvBlock export(KvSequence sequence, int fromToken, int toToken) {
        return executor.export(sequence, fromToken, toToken);
    }

    @Override
    public void restore(KvSequence sequence, KvBlock block) {
        executor.restore(sequence, block);
    }

    @Override
    public CompletionStage<Void> optimise() {
        return executor.optimise();
    }

    @Override
    public void close() {
        executor.close();
    }
}
