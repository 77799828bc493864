package io.hfx.benchmarks;

import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One request: when its first token came, in nanoseconds since its start, and its tokens. */
final class Turn implements GenerationListener {
    final long startNanos = System.nanoTime();
    final CompletableFuture<Long> first = new CompletableFuture<>();
    final CompletableFuture<Void> end = new CompletableFuture<>();
    final List<Integer> tokens = new ArrayList<>();
    private long lastNanos;
    private long worstGapNanos;

    @Override
    public synchronized void token(int sequence, Token token) {
        long nowNanos = System.nanoTime();
        first.complete(nowNanos - startNanos);
        if (!tokens.isEmpty()) {
            worstGapNanos = Math.max(worstGapNanos, nowNanos - lastNanos);
        }
        lastNanos = nowNanos;
        tokens.add(token.id());
    }

    /** The longest time between two tokens since it was asked last. */
    synchronized long takeWorstGap() {
        long worst = worstGapNanos;
        worstGapNanos = 0;
        return worst;
    }

    @Override
    public void finished(int sequence, FinishReason reason) {
        end.complete(null);
    }

    @Override
    public void refused(Refusal refusal) {
        failed(refusal.message());
    }

    @Override
    public void failed(String message) {
        first.completeExceptionally(new IllegalStateException(message));
        end.completeExceptionally(new IllegalStateException(message));
    }
}
