package io.hfx.scheduler.step;

import io.hfx.scheduler.message.WorkerCommand.Cause;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.SequenceKey;
import org.jspecify.annotations.Nullable;

/** One sequence on this worker; its planner owns it. */
final class Sequence implements SequenceView {
    enum Phase {
        WAITING,
        PREFILLING,
        DECODING,
        /** Holds KV that is to move to another worker; runs no more until told. */
        PAUSED,
        /** Its KV is on its way here; pinned until that is over. */
        ARRIVING
    }

    private final SequenceKey key;
    private final RequestSpec request;
    private final long arrivalNanos;

    Phase phase = Phase.WAITING;
    boolean demoted;
    int generated;

    /** Tokens in KV. */
    int computed;

    /** Tokens from its start that a cache has; of use while they are more than the computed. */
    int cached;

    long kvUnits;
    long firstTokenNanos = -1;
    long lastTokenNanos = -1;

    /** Set while an open step or a transfer holds it: what becomes of it then. */
    @Nullable Cause leaving;

    Sequence(
            SequenceKey key,
            RequestSpec request,
            long arrivalNanos,
            boolean demoted,
            int generated) {
        this.key = key;
        this.request = request;
        this.arrivalNanos = arrivalNanos;
        this.demoted = demoted;
        this.generated = generated;
        this.cached = request.cachedTokens(key.index());
    }

    /** Which prompt of its request; the choices of one prompt share it. */
    int prompt() {
        return key.index() / request.choices();
    }

    /** Positions that must be in KV before the next token can be made by decoding. */
    int prefillTarget() {
        return request.promptTokens(key.index()) + generated;
    }

    /** Whether a step may run it. */
    boolean isRunnable() {
        return phase != Phase.PAUSED && phase != Phase.ARRIVING;
    }

    @Override
    public SequenceKey key() {
        return key;
    }

    @Override
    public RequestSpec request() {
        return request;
    }

    @Override
    public long arrivalNanos() {
        return arrivalNanos;
    }

    @Override
    public boolean demoted() {
        return demoted;
    }

    @Override
    public int generated() {
        return generated;
    }

    /** Whether something is to be copied from a cache before it runs. */
    boolean isToBeRestored() {
        return cached > computed && phase != Phase.DECODING;
    }

    @Override
    public int computed() {
        return isToBeRestored() ? cached : computed;
    }

    @Override
    public int tokensInKv() {
        return computed;
    }

    @Override
    public int remainingPrefill() {
        return isRunnable() && phase != Phase.DECODING ? prefillTarget() - computed() : 0;
    }

    @Override
    public long firstTokenNanos() {
        return firstTokenNanos;
    }

    @Override
    public long lastTokenNanos() {
        return lastTokenNanos;
    }
}
