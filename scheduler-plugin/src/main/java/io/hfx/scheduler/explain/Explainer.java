package io.hfx.scheduler.explain;

import io.hfx.scheduler.explain.Decision.What;
import io.hfx.scheduler.request.WorkerId;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Tells a listener what one state machine decides; makes nothing where nobody listens. */
public final class Explainer {
    private final Decision.@Nullable Listener listener;
    private final LongSupplier clock;

    /**
     * @param listener null for none
     * @param clock time of the event being handled
     */
    public Explainer(Decision.@Nullable Listener listener, LongSupplier clock) {
        this.listener = listener;
        this.clock = clock;
    }

    /** Whether somebody listens. */
    public boolean isHeard() {
        return listener != null;
    }

    /** A decision that concerns no worker, or one that the policy predicts nothing of. */
    public void tell(
            long requestId,
            What what,
            @Nullable Reason reason,
            @Nullable WorkerId worker,
            boolean demoted) {
        tell(requestId, what, reason, worker, demoted, Forecast.NONE);
    }

    /** A decision with all that is known of it. */
    public void tell(
            long requestId,
            What what,
            @Nullable Reason reason,
            @Nullable WorkerId worker,
            boolean demoted,
            Forecast forecast) {
        if (listener != null) {
            listener.decided(
                    new Decision(
                            clock.getAsLong(), requestId, what, reason, worker, demoted, forecast));
        }
    }
}
