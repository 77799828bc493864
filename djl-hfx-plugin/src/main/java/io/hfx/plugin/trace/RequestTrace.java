package io.hfx.plugin.trace;

import io.hfx.scheduler.slo.SloClass;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of one model, what was decided about it and what became of it. Keeps the first
 * {@value #MOST} events and, of those beyond, the latest. Thread-safe.
 */
public final class RequestTrace {
    static final int MOST = 32;
    private static final int OF_MOST_REQUESTS = 4;
    private static final Logger LOG = LoggerFactory.getLogger("io.hfx.decisions");
    private static final int MOST_ID_CHARACTERS = 128;

    private final String id;
    private final String model;
    private final SloClass sloClass;
    private final int priority;
    private final long readAtNanos;
    private final long readAtMillis;
    private final int promptTokens;

    /** As few objects as can be: where many requests come, the collector copies them often. */
    private TraceEvent[] kept = new TraceEvent[OF_MOST_REQUESTS];

    private int taken;

    /**
     * @param id {@code x-request-id} of its answer; what is longer than 128 characters is cut
     * @param sloClass with the objectives that hold for this request
     * @param priority lower goes first
     * @param readAtNanos when it was read, on the clock of its events
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

    /**
     * Takes something down. The logger {@code io.hfx.decisions} has it too, at debug. Any thread.
     */
    public void add(TraceEvent event) {
        keep(event);
        if (LOG.isDebugEnabled()) {
            LOG.debug("{}", TraceJson.line(this, event));
        }
    }

    private synchronized void keep(TraceEvent event) {
        if (taken == kept.length && taken <= MOST) {
            kept = Arrays.copyOf(kept, Math.min(2 * taken, MOST + 1));
        }
        kept[Math.min(taken, MOST)] = event;
        taken++;
    }

    /** The events that are kept, in their order. */
    public synchronized List<TraceEvent> events() {
        return List.of(Arrays.copyOf(kept, Math.min(taken, kept.length)));
    }

    /** Events that are not kept. */
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
