package io.hfx.scheduler.explain;

import io.hfx.scheduler.message.RefusalReason;

/**
 * Why something was decided, short and machine-readable. What each means of which decision stands
 * in docs/scheduling.md.
 */
public enum Reason {
    /** Its first token is predicted in time. */
    IN_TIME("in-time"),
    /** Somebody takes more; nothing is predicted. */
    OPEN("open"),
    /** It has no objective or has lost its place, and there is room for such work. */
    LEFTOVER("leftover"),
    /** Its client already has tokens. */
    BEGUN("begun"),
    /** It runs against the prediction, so that the latency model learns. */
    PROBE("probe"),
    /** No worker takes more. */
    BUSY("busy"),
    /** KV is missing, and nothing else. */
    NO_KV("no-kv"),
    /** KV is free, and kept for requests that need less of it for their weight. */
    KV_KEPT("kv-kept"),
    /** Others wait before it, and they wait on. */
    BEHIND("behind"),
    /** The next batch waits to fill. */
    BATCH_FILLS("batch-fills"),
    /** The next batch lets more requests be on time without it. */
    PASSED_OVER("passed-over"),
    /** It could not make it even if it began now on the fastest worker. */
    LATE("late"),
    /** No worker can take it in time and keep what it promised others. */
    NO_ROOM("no-room"),
    /** Another, which is more work for its weight, loses its place for it. */
    DISPLACES("displaces"),
    /** Its place goes to another, which is less work for its weight. */
    DISPLACED("displaced"),
    /** Another worker has time for it. */
    BALANCE("balance"),
    /** Its worker is to leave. */
    WORKER_LEAVES("worker-leaves"),
    /** Its worker is gone. */
    WORKER_LOST("worker-lost"),
    /** Its worker gave it back. */
    HANDED_BACK("handed-back"),
    /** The move did not come about. */
    MOVE_FAILED("move-failed"),
    /** A tighter request makes its first token only if it goes first. */
    URGENT("urgent"),
    /** As {@link RefusalReason#QUEUE_FULL}. */
    QUEUE_FULL(RefusalReason.QUEUE_FULL.label()),
    /** As {@link RefusalReason#SLO_OUT_OF_REACH}. */
    SLO_OUT_OF_REACH(RefusalReason.SLO_OUT_OF_REACH.label()),
    /** As {@link RefusalReason#DEADLINE_PASSED}. */
    DEADLINE_PASSED(RefusalReason.DEADLINE_PASSED.label()),
    /** As {@link RefusalReason#TOO_LONG}. */
    TOO_LONG(RefusalReason.TOO_LONG.label()),
    /** As {@link RefusalReason#NO_WORKER}. */
    NO_WORKER(RefusalReason.NO_WORKER.label());

    private final String label;

    Reason(String label) {
        this.label = label;
    }

    /** The reason of the same name. */
    public static Reason of(RefusalReason refusal) {
        return valueOf(refusal.name());
    }

    /** For JSON and logs. */
    public String label() {
        return label;
    }
}
