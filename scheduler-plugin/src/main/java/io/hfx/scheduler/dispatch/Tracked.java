package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.policy.FleetPolicy.Rank;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One unfinished request; its dispatcher owns it. */
final class Tracked {
    static final Comparator<Tracked> ORDER = Tracked::compare;

    private final long id;

    /** As the policy sees it; replaced when it is demoted or comes back. */
    Waiting waiting;

    /** Set anew whenever it starts to wait; never while it waits. */
    Rank rank = new Rank(0, 0, 0);

    /** Of its lane; set with the rank. */
    String line = "";

    /** Tokens that its client already has; null for a new one. */
    @Nullable Progress progress;

    /** Where it is bound; null while it waits. */
    @Nullable Worker worker;

    /** Number of the order that bound it, until the worker has acknowledged that; else 0. */
    long unacknowledgedBind;

    boolean started;

    /** When its start was reported. */
    long startedNanos;

    /** Set from the order to pause until it goes on somewhere. */
    Mover.@Nullable Move move;

    /**
     * Its source was lost while its KV was on its way: its worker has yet to say that it has it.
     */
    boolean arriving;

    /** It lost its place on its worker, has not started there, and counts as one that waits. */
    boolean displaced;

    /** It waits to be given back by its worker: what that was told last. */
    CallBack callBack = CallBack.NONE;

    /** Its client is gone, and its worker has been told. */
    boolean cancelled;

    /** Why it waits, as last told; null where nothing was, or nobody listens. */
    @Nullable Reason waits;

    /** When it is to be looked at again; only while it waits. */
    long reviewAtNanos = Long.MAX_VALUE;

    /** How a request was called back. */
    enum CallBack {
        NONE,
        /** If it has not started. */
        RECALL,
        /** In any case. */
        HAND_BACK
    }

    Tracked(RequestSpec request, long arrivalNanos) {
        this.id = request.id();
        this.waiting = new Waiting(request, arrivalNanos, false, false);
    }

    private static int compare(Tracked a, Tracked b) {
        int byRank = a.rank.compareTo(b.rank);
        if (byRank != 0) {
            return byRank;
        }
        int byArrival = Long.compare(a.waiting.arrivalNanos(), b.waiting.arrivalNanos());
        return byArrival != 0 ? byArrival : Long.compare(a.id, b.id);
    }

    long id() {
        return id;
    }

    /** There is one object for each request. */
    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }

    RequestSpec request() {
        return waiting.request();
    }

    List<Integer> generated() {
        return progress == null ? List.of() : progress.generated();
    }

    boolean isMovable() {
        return started && !cancelled && move == null && !arriving && callBack != CallBack.HAND_BACK;
    }

    void demote() {
        waits = null;
        waiting = new Waiting(request(), waiting.arrivalNanos(), true, waiting.begun());
    }

    /** It waits again, with the tokens it already has. */
    void comeBack(@Nullable Progress known) {
        worker = null;
        waits = null;
        move = null;
        arriving = false;
        callBack = CallBack.NONE;
        started = false;
        boolean begun = known != null && known.generated().stream().anyMatch(n -> n != 0);
        if (begun) {
            progress = known;
        }
        waiting =
                new Waiting(
                        request(),
                        waiting.arrivalNanos(),
                        waiting.demoted(),
                        begun || waiting.begun());
    }
}
