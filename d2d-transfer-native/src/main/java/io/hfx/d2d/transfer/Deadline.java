package io.hfx.d2d.transfer;

import java.time.Duration;

/** A moment on this process's monotonic clock, after which something counts as failed. */
public final class Deadline {
    private final long atNanos;

    private Deadline(long atNanos) {
        this.atNanos = atNanos;
    }

    /** The moment that is so far away from now; long past if negative. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** The one of both that passes first. */
    public Deadline earlier(Deadline other) {
        return atNanos - other.atNanos <= 0 ? this : other;
    }

    /** At most 0 when it has passed. */
    public long leftNanos() {
        return atNanos - System.nanoTime();
    }

    /** Whether no time is left. */
    public boolean passed() {
        return leftNanos() <= 0;
    }

    /** What is left, at least 1: no wait of 0, which would mean for ever. */
    public long leftMillis() {
        return Math.max(1, (leftNanos() + 999_999) / 1_000_000);
    }
}
