package io.hfx.plugin.live;

import java.util.concurrent.TimeUnit;

/**
 * How often a worker that fails is started again. The pause before a restart is {@link #FACTOR}
 * times the one before, within the window.
 *
 * @param restarts most of one worker within the window; then it is given up
 * @param windowNanos length of the window that slides behind now
 * @param firstPauseNanos before the first restart
 */
public record RestartLimits(int restarts, long windowNanos, long firstPauseNanos) {
    static final int FACTOR = 4;

    /** Five within five minutes: after 0.1, 0.4, 1.6, 6.4 and 25.6 s. */
    public static final RestartLimits DEFAULTS =
            new RestartLimits(5, TimeUnit.MINUTES.toNanos(5), TimeUnit.MILLISECONDS.toNanos(100));
}
