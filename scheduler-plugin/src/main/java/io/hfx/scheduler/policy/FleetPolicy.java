package io.hfx.scheduler.policy;

import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.request.WorkerId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The half of a policy that the dispatcher asks: in which order requests wait, and which worker
 * takes them. Owned by one dispatcher; may keep state.
 */
public interface FleetPolicy {
    /**
     * Where a request stands in the central queue. Asked when it starts to wait and when it is
     * demoted; it must not change in between.
     */
    Rank rank(Waiting request, FleetView fleet);

    /**
     * The line of its lane in which a request waits, for example its tenant's: in it ranks order,
     * among the lines of a lane {@link #turn}. Asked when it starts to wait. One for all unless a
     * policy says otherwise; all of a lane are compared each time.
     */
    default String line(Waiting request) {
        return "";
    }

    /**
     * Of the lines of a lane that with the least turn is asked about next; of equal ones that whose
     * next request ranks first. It may change at any time.
     */
    default double turn(String line) {
        return 0;
    }

    /** What to do now with a request. Asked in the order of the turns and ranks. */
    Route route(Waiting request, FleetView fleet);

    /**
     * A lane whose first request is to be asked about before all others this time; -1 for the plain
     * order.
     */
    default int favouredLane(FleetView fleet) {
        return -1;
    }

    /**
     * When to ask about a waiting request again even if nothing else happens, on the driver's
     * clock; {@link Long#MAX_VALUE} for never.
     */
    default long reviewAtNanos(Waiting request, FleetView fleet) {
        return Long.MAX_VALUE;
    }

    /**
     * Hears of each request that was ranked and waits no longer without being bound: it was
     * cancelled or refused, or it is demoted and ranked anew.
     */
    default void gone(Waiting request) {}

    /** Hears of each binding. */
    default void bound(Waiting request, WorkerView worker) {}

    /**
     * Hears of each request that starts where it is bound; of one that moved to another worker,
     * right after it is bound there.
     */
    default void started(Waiting request, WorkerView worker) {}

    /**
     * Hears of each request that leaves the worker it was bound to: it ended, was cancelled, came
     * back, its worker is lost, or it moved to another worker (to which it is bound next). Together
     * with {@link #bound} a policy can keep a sum a worker instead of looking at every request.
     */
    default void left(Waiting request, WorkerView worker) {}

    /** Hears of each report of a worker. */
    default void reported(WorkerView worker) {}

    /** Requests to call back, as long as they have not started. Asked after each report. */
    default List<Long> recalls(FleetView fleet) {
        return List.of();
    }

    /**
     * Running requests to move to another worker with their KV; asked after each report. Only a
     * policy that {@linkplain Policy#requires() requires} {@link Policy.Capability#MIGRATION} may
     * ask for any.
     *
     * <p>The request stops at its worker's next step boundary, its KV is copied, and it goes on at
     * the other worker: it makes no token meanwhile, which takes three messages, the rest of a step
     * and the transfer. If it does not decode yet, if the other worker has no KV for it or the
     * transfer fails, it goes on where it was; if its worker is lost meanwhile it is computed
     * again. Ask for those that are {@linkplain Running#movable() movable} only, to a worker other
     * than theirs, each once.
     */
    default List<Migration> migrations(FleetView fleet) {
        return List.of();
    }

    /**
     * A move.
     *
     * @param requestId of a {@linkplain WorkerView#running() running} request
     * @param to where it is to go on
     */
    record Migration(long requestId, WorkerId to) {}

    /**
     * A place in the central queue: lanes in order, in a lane by priority, then by key, then by
     * arrival.
     *
     * @param lane 0 is served first; small numbers
     * @param priority as stated by the client, lower first
     * @param key for example a deadline in nanoseconds; lower first
     */
    record Rank(int lane, int priority, long key) implements Comparable<Rank> {
        @Override
        public int compareTo(Rank other) {
            int byLane = Integer.compare(lane, other.lane);
            if (byLane != 0) {
                return byLane;
            }
            int byPriority = Integer.compare(priority, other.priority);
            return byPriority != 0 ? byPriority : Long.compare(key, other.key);
        }
    }

    /** What to do with a waiting request, and why. */
    sealed interface Route {
        /** Why it waits on; null where it does not. */
        default @Nullable Reason waits() {
            return null;
        }

        /**
         * Send it to this worker now.
         *
         * @param forecast what speaks for it; {@link Forecast#NONE} where nothing was predicted
         * @param displaced requests bound to that worker that lose their place for it
         */
        record Bind(WorkerId worker, Reason reason, Forecast forecast, List<Long> displaced)
                implements Route {
            public Bind {
                displaced = List.copyOf(displaced);
            }

            /** Nobody loses its place. */
            public Bind(WorkerId worker, Reason reason, Forecast forecast) {
                this(worker, reason, forecast, List.of());
            }

            /** The worker takes more. */
            public Bind(WorkerId worker) {
                this(worker, Reason.OPEN, Forecast.NONE);
            }
        }

        /** It waits on; others may go before it. */
        record Hold(Reason waits) implements Route {
            /** No worker takes more. */
            public Hold() {
                this(Reason.BUSY);
            }
        }

        /**
         * It waits on, and so does everybody behind it in its {@linkplain #line line}; other lines
         * go on.
         */
        record CloseLine(Reason waits) implements Route {}

        /** It waits on, and so does everybody behind it in its lane; other lanes go on. */
        record CloseLane(Reason waits) implements Route {
            /** No worker takes more. */
            public CloseLane() {
                this(Reason.BUSY);
            }
        }

        /** It waits on, and so does everybody behind it, in all lanes. */
        record Close(Reason waits) implements Route {
            /** No worker takes more. */
            public Close() {
                this(Reason.BUSY);
            }
        }

        /**
         * It loses its place: ask for a new rank.
         *
         * @param forecast what speaks against it
         */
        record Demote(Reason reason, Forecast forecast) implements Route {
            /** It could not make it any more. */
            public Demote() {
                this(Reason.LATE, Forecast.NONE);
            }
        }

        /** It is not served. */
        record Refuse(RefusalReason reason) implements Route {}
    }
}
