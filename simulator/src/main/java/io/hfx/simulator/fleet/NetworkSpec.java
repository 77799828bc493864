package io.hfx.simulator.fleet;

/**
 * What lies between the dispatcher and the workers, and between workers.
 *
 * @param messageDelayNanos of each order and report, one way, at least 0
 * @param kvTokenBytes KV of one token
 * @param bytesPerSecond of each worker's link, in and out apart; shared by its transfers
 * @param lossShare share of the transfers that fail, 0 to 1, at the end of their time
 */
public record NetworkSpec(
        long messageDelayNanos, long kvTokenBytes, double bytesPerSecond, double lossShare) {
    public NetworkSpec {
        if (messageDelayNanos < 0 || kvTokenBytes < 0) {
            throw new IllegalArgumentException(
                    "messageDelayNanos and kvTokenBytes must be at least 0, were "
                            + messageDelayNanos
                            + " and "
                            + kvTokenBytes);
        }
        if (!(bytesPerSecond > 0) || !(lossShare >= 0 && lossShare <= 1)) {
            throw new IllegalArgumentException(
                    "bytesPerSecond must be above 0 and lossShare 0 to 1, were "
                            + bytesPerSecond
                            + " and "
                            + lossShare);
        }
    }

    /** 1 ms a message; 25 GB/s a link and 128 KiB a token, as of an 8B model with grouped heads. */
    public static NetworkSpec typical() {
        return new NetworkSpec(1_000_000, 128 << 10, 25e9, 0);
    }

    public NetworkSpec withMessageDelay(long nanos) {
        return new NetworkSpec(nanos, kvTokenBytes, bytesPerSecond, lossShare);
    }

    public NetworkSpec withLossShare(double share) {
        return new NetworkSpec(messageDelayNanos, kvTokenBytes, bytesPerSecond, share);
    }
}
