package io.hfx.plugin.trace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The newest requests of a server. A trace holds at most some kilobytes, so this holds at most some
 * tens of megabytes, and far less as a rule. Thread-safe without locks.
 */
public final class RequestTraces {
    /** Requests that are kept where nothing else is said. */
    public static final int KEPT = 10_000;

    private final AtomicReferenceArray<RequestTrace> ring;
    private final AtomicLong begun = new AtomicLong();

    public RequestTraces() {
        this(KEPT);
    }

    /**
     * @param kept most requests, at least 1
     */
    public RequestTraces(int kept) {
        this.ring = new AtomicReferenceArray<>(kept);
    }

    /** Keeps a trace in the place of the oldest. */
    public void begin(RequestTrace trace) {
        ring.setRelease((int) (begun.getAndIncrement() % ring.length()), trace);
    }

    /**
     * What is kept of a request: more than one trace where it ran on several models of a workflow,
     * or where a client used the id again. The oldest first; looks at every trace.
     */
    public List<RequestTrace> find(String requestId) {
        List<RequestTrace> found = new ArrayList<>();
        long newest = begun.get();
        long oldest = Math.max(0, newest - ring.length());
        for (long i = newest - 1; i >= oldest; i--) {
            RequestTrace trace = ring.getAcquire((int) (i % ring.length()));
            if (trace != null && trace.isOf(requestId)) {
                found.add(trace);
            }
        }
        Collections.reverse(found);
        return found;
    }
}
