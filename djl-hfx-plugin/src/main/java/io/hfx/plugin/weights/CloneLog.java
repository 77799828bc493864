package io.hfx.plugin.weights;

import io.hfx.plugin.weights.WeightStatus.Transfer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the status and the log how far a transfer is; the log at most every second. */
final class CloneLog {
    private static final Logger LOG = LoggerFactory.getLogger(CloneLog.class);
    private static final long EVERY_NANOS = 1_000_000_000;

    private final WeightStatus status;
    private long saidNanos = System.nanoTime();

    CloneLog(WeightStatus status) {
        this.status = status;
    }

    /** Good bytes in all. */
    synchronized void came(long goodBytes) {
        Transfer now = status.came(goodBytes);
        long nanos = System.nanoTime();
        if (now != null && nanos - saidNanos >= EVERY_NANOS) {
            saidNanos = nanos;
            LOG.info(
                    "weights: {} % of {} MB by {} from {}, {} MB/s",
                    100 * goodBytes / Math.max(1, now.totalBytes()),
                    now.totalBytes() / 1_000_000,
                    now.source().text(),
                    now.seed(),
                    Math.round(now.bytesPerSecond() / 1e6));
        }
    }
}
