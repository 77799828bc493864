package io.hfx.plugin.trace;

import io.hfx.scheduler.slo.SloClass;
import java.util.Arrays;
import java.util.List;

/**
 * One request of one model, and what was decided about it. Keeps the first {@value #MOST} decisions
 * and, of those beyond, the latest. Thread-safe.
 */
public final class RequestTrace {
    static final int MOST = 32;
    private static final int OF_MOST_REQUESTS = 4;
    private static final int MOST_ID_CHARACTERS = 128;

    private final String id;
    private final String model;
    private final SloClass sloClass;
    private final int priority;
    private final long readAtNanos;
    private final long readAtMillis;
    private final int promptTokens;

    /** As few objects as can be: where many requests come, the collector copies them often. */
    private Decision[] kept = new Decision[OF_MOST_REQUESTS];

    private int taken;

    /**
     * @param id {@code x-request-id} of its answer; what is longer than 128 characters is cut
     * @param sloClass with the objectives that hold for this request
     * @param priority lower goes first
     * @param readAtNanos when it was read, on the clock of its decisions
     * @param readAtMillis the same as Unix time
     * @param promptTokens 0 for a model that takes whole requests
     */
    public RequestTrace(
            String id,
            String model,
            SloClass sloClass,
            int priority,
            long readAtNanos,
            long readAtMillis,
            int promptTokens) {
        this.id = cut(id);
        this.model = model;
        this.sloClass = sloClass;
        this.priority = priority;
        this.readAtNanos = readAtNanos;
        this.readAtMillis = readAtMillis;
        this.promptTokens = promptTokens;
    }

    private static String cut(String id) {
        return id.length() <= MOST_ID_CHARACTERS ? id : id.substring(0, MOST_ID_CHARACTERS);
    }

    /** Takes a decision down. Any thread. */
    public synchronized void add(Decision decision) {
        if (taken == kept.length && taken <= MOST) {
            kept = Arrays.copyOf(kept, Math.min(2 * taken, MOST + 1));
        }
        kept[Math.min(taken, MOST)] = decision;
        taken++;
    }

    /** The decisions that are kept, in their order. */
    public synchronized List<Decision> decisions() {
        return List.of(Arrays.copyOf(kept, Math.min(taken, kept.length)));
    }

    /** Decisions that are not kept. */
    synchronized int left() {
        return Math.max(0, taken - MOST - 1);
    }

    /** Whether a request with this id is meant. */
    boolean isOf(String requestId) {
        return id.equals(cut(requestId));
    }

    public String id() {
        return id;
    }

    public String model() {
        return model;
    }

    public SloClass sloClass() {
        return sloClass;
    }

    int priority() {
        return priority;
    }

    public long readAtNanos() {
        return readAtNanos;
    }

    long readAtMillis() {
        return readAtMillis;
    }

    int promptTokens() {
        return promptTokens;
    }
}
