package io.hfx.plugin.metrics;

/**
 * What waits of one class.
 *
 * @param requests that no worker has
 * @param oldestNanos how long the oldest of them has waited; 0 where there is none
 */
public record QueueLevel(int requests, long oldestNanos) {
    static final QueueLevel EMPTY = new QueueLevel(0, 0);

    /** Both together. */
    public QueueLevel plus(QueueLevel other) {
        return new QueueLevel(requests + other.requests, Math.max(oldestNanos, other.oldestNanos));
    }
}
