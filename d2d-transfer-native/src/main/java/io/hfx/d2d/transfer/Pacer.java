package io.hfx.d2d.transfer;

/**
 * Spreads the bytes that a seed sends, over all its links together, to a rate that may change at
 * any time, also for those who already wait. Any thread.
 */
public final class Pacer {
    /** The rate that means no pacing. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final long MIN_RATE = 1024;

    private static final int MOST_PIECE_BYTES = 1 << 20;
    private static final int LEAST_PIECE_BYTES = 64 << 10;

    /** As much as goes in this part of a second is sent at a time: each wake costs its thread. */
    private static final int PIECES_PER_SECOND = 100;

    /** Sleeps overshoot; what was slept too long within this time is made good. */
    private static final long CREDIT_NANOS = 5_000_000;

    private long bytesPerSecond = UNLIMITED;

    /** All bytes that ever got a place, and when the next ones are due. */
    private long reservedBytes;

    private long freeAtNanos = System.nanoTime();

    /**
     * Paces to a rate.
     *
     * @param bytesPerSecond at least 1,024; {@link #UNLIMITED} for no pacing
     */
    public Pacer(long bytesPerSecond) {
        setBytesPerSecond(bytesPerSecond);
    }

    /** Changes the rate, for what is not yet on its way: what waits is spread anew. */
    public synchronized void setBytesPerSecond(long rate) {
        if (rate < MIN_RATE) {
            throw new IllegalArgumentException(
                    "the rate is " + rate + " bytes per second; allowed: at least " + MIN_RATE);
        }
        long now = System.nanoTime();
        double waitingBytes = Math.max(0, freeAtNanos - now) / 1e9 * bytesPerSecond;
        bytesPerSecond = rate;
        freeAtNanos = Math.min(freeAtNanos, now) + nanosOf(waitingBytes);
    }

    public synchronized long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** What is to be sent and counted at a time, at the rate of now. */
    synchronized int pieceBytes() {
        return (int)
                Math.max(
                        LEAST_PIECE_BYTES,
                        Math.min(bytesPerSecond / PIECES_PER_SECOND, MOST_PIECE_BYTES));
    }

    private boolean paces() {
        return bytesPerSecond != UNLIMITED;
    }

    /** Takes the next place for some bytes, to ask {@link #waitNanos} about. */
    synchronized long reserve(int bytes) {
        if (paces()) {
            long start = Math.max(freeAtNanos, System.nanoTime() - CREDIT_NANOS);
            freeAtNanos = start + nanosOf(bytes);
        }
        long place = reservedBytes;
        reservedBytes += bytes;
        return place;
    }

    /** How long to wait, at the rate of now, before the bytes of a place may be sent. */
    synchronized long waitNanos(long place) {
        long startNanos = freeAtNanos - nanosOf((double) (reservedBytes - place));
        return paces() ? Math.max(0, startNanos - System.nanoTime()) : 0;
    }

    private long nanosOf(double bytes) {
        return (long) (bytes * 1e9 / bytesPerSecond);
    }
}
