package io.hfx.plugin.openai;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the requests in flight, bounds them, and closes the door for a drain. Thread-safe. */
final class Admissions {
    private final int limit;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong ids = new AtomicLong();
    private volatile boolean draining;

    Admissions(int limit) {
        this.limit = limit;
    }

    /** What became of an attempt to enter. */
    enum Outcome {
        /** {@link #leave} must follow, once. */
        ENTERED,
        /** The bound is reached. */
        FULL,
        /** The server is stopping. */
        DRAINING
    }

    Outcome enter() {
        int now = inFlight.incrementAndGet();
        if (!draining && now <= limit) {
            return Outcome.ENTERED;
        }
        inFlight.decrementAndGet();
        return draining ? Outcome.DRAINING : Outcome.FULL;
    }

    void leave() {
        inFlight.decrementAndGet();
    }

    int inFlight() {
        return inFlight.get();
    }

    /** An id that no other request has. */
    long nextId() {
        return ids.incrementAndGet();
    }

    /** Lets nobody in from now on. */
    void drain() {
        draining = true;
    }

    boolean draining() {
        return draining;
    }
}
