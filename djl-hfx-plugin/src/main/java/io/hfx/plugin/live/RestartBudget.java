package io.hfx.plugin.live;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/** The restarts that one worker has left. A function of the times told; not thread-safe. */
final class RestartBudget {
    private final RestartLimits limits;
    private final Deque<Long> takenAtNanos = new ArrayDeque<>();

    RestartBudget(RestartLimits limits) {
        this.limits = limits;
    }

    /**
     * Takes one restart.
     *
     * @return the pause before it, in nanoseconds; empty where none is left
     */
    OptionalLong take(long nowNanos) {
        while (!takenAtNanos.isEmpty() && nowNanos - takenAtNanos.peek() > limits.windowNanos()) {
            takenAtNanos.remove();
        }
        if (takenAtNanos.size() >= limits.restarts()) {
            return OptionalLong.empty();
        }
        long pauseNanos = limits.firstPauseNanos();
        for (int i = 0; i < takenAtNanos.size(); i++) {
            pauseNanos *= RestartLimits.FACTOR;
        }
        takenAtNanos.add(nowNanos);
        return OptionalLong.of(pauseNanos);
    }
}
