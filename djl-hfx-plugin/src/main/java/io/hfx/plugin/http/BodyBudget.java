package io.hfx.plugin.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of request bodies that one listener holds at a time: from their arrival until a parser has
 * taken the body or the request has ended. Thread-safe.
 */
final class BodyBudget {
    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    BodyBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Takes room for some bytes more; false where there is none. */
    boolean take(long bytes) {
        if (heldBytes.addAndGet(bytes) <= limitBytes) {
            return true;
        }
        heldBytes.addAndGet(-bytes);
        return false;
    }

    void give(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    long heldBytes() {
        return heldBytes.get();
    }
}
