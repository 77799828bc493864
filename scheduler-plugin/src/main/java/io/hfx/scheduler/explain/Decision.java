package io.hfx.scheduler.explain;

import io.hfx.scheduler.request.WorkerId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that a dispatcher or a step planner decided about a request. Not decided one by one,
 * and so not told: the chunks of a prompt and the steps that a sequence decodes in or sits out.
 *
 * @param atNanos on the clock of the driver
 * @param requestId of the request
 * @param what becomes of it
 * @param reason why; null where the decision before says it all
 * @param worker that it concerns; null where none does
 * @param demoted whether the request has lost its place
 * @param forecast what the policy expected; of bound and demoted requests only
 */
public record Decision(
        long atNanos,
        long requestId,
        What what,
        @Nullable Reason reason,
        @Nullable WorkerId worker,
        boolean demoted,
        Forecast forecast) {
    /** What becomes of a request. */
    public enum What {
        /** It waits centrally; told once for each reason. */
        WAITS,
        /** It leaves the central queue for a worker. */
        BOUND,
        /** It loses its place and gets what the others leave. */
        DEMOTED,
        /** It is not served. */
        REFUSED,
        /** Its worker is asked to give it back. */
        RECALLED,
        /** It waits centrally again. */
        RETURNED,
        /** It is to go on at another worker, with its KV. */
        MOVES,
        /** It goes on there. */
        MOVED,
        /** It goes on where it was. */
        STAYS,
        /** The first step with it began on its worker. */
        STARTED,
        /** One of its sequences lost its KV and will be computed again. */
        PREEMPTED,
        /** The step that runs with it is put aside. */
        SUSPENDED,
        /** The suspended step goes on. */
        RESUMED,
        /** The step that runs with it is given up. */
        ABANDONED;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** For JSON and logs. */
        public String label() {
            return label;
        }
    }

    /** Hears of decisions, in the order in which one state machine takes them, on its thread. */
    @FunctionalInterface
    public interface Listener {
        /** Must be quick, and must not call back. */
        void decided(Decision decision);
    }
}
