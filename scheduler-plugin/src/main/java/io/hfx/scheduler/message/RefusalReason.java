package io.hfx.scheduler.message;

/** Why a request is not served: one metric label and one HTTP status each. */
public enum RefusalReason {
    /** Too many wait already. */
    QUEUE_FULL("queue-full", 429),
    /** Its objective is out of reach, and its class says reject. */
    SLO_OUT_OF_REACH("slo-out-of-reach", 429),
    /** Its end-to-end deadline passed before it started. */
    DEADLINE_PASSED("deadline-passed", 503),
    /** It is longer than any worker can hold. */
    TOO_LONG("too-long", 400),
    /** No worker is there, and none is on its way. */
    NO_WORKER("no-worker", 503);

    private final String label;
    private final int httpStatus;

    RefusalReason(String label, int httpStatus) {
        this.label = label;
        this.httpStatus = httpStatus;
    }

    /** For the header {@code x-hfx-reason} and for metrics. */
    public String label() {
        return label;
    }

    public int httpStatus() {
        return httpStatus;
    }
}
