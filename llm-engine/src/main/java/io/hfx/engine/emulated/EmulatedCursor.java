package io.hfx.engine.emulated;

import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import java.nio.FloatBuffer;

/** A step that takes its time in equal slices; time overslept is taken off the next slice. */
final class EmulatedCursor implements StepCursor {
    /** Logit of the chosen token; all others are 0, so that sampling chooses it too. */
    private static final float CHOSEN = 60;

    private final EmulatedExecutor executor;
    private final StepInput input;
    private final long stepNanos;
    private final int slices;
    private long oversleptNanos;
    private int done;
    private boolean closed;

    EmulatedCursor(EmulatedExecutor executor, StepInput input, long stepNanos) {
        this.executor = executor;
        this.input = input;
        this.stepNanos = stepNanos;
        this.slices = executor.options().slices();
        executor.sequences().pin(input);
    }

    @Override
    public int slices() {
        return slices;
    }

    @Override
    public int done() {
        return done;
    }

    @Override
    public boolean advance() {
        if (closed || done == slices) {
            throw new IllegalStateException(closed ? "the step is closed" : "the step is complete");
        }
        Waiting waiting = executor.waiting();
        long sliceNanos = stepNanos * (done + 1) / slices - stepNanos * done / slices;
        long deadlineNanos = waiting.nanoTime() + sliceNanos - oversleptNanos;
        waiting.until(deadlineNanos);
        oversleptNanos = Math.max(0, waiting.nanoTime() - deadlineNanos);
        done++;
        if (done == slices) {
            executor.sequences().commit(input);
        }
        return done == slices;
    }

    @Override
    public FloatBuffer logits(int segment) {
        if (done < slices) {
            throw new IllegalStateException("logits after %d of %d slices".formatted(done, slices));
        }
        if (!input.segments().get(segment).wantLogits()) {
            throw new IllegalStateException("segment " + segment + " wanted no logits");
        }
        FloatBuffer logits = FloatBuffer.allocate(executor.options().vocabulary());
        logits.put(token(input.segments().get(segment).sequence().length()), CHOSEN);
        return logits;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (done < slices) {
                executor.sequences().abandon(input);
            }
            executor.closed(this);
        }
    }

    /** A pure function of the model and the length; steps over the tokens it must never choose. */
    private int token(int length) {
        EmulatedOptions options = executor.options();
        long bits = mix(options.modelHash().hashCode() * 0x9E3779B97F4A7C15L + length);
        int token = (int) Long.remainderUnsigned(bits, options.vocabulary());
        while (options.neverTokens().contains(token)) {
            token = (token + 1) % options.vocabulary();
        }
        return token;
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long value) {
        long bits = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
        return bits ^ (bits >>> 31);
    }
}
