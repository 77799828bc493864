package io.hfx.d2d.transfer;

import java.time.Duration;
import java.util.Map;

/**
 * How long each part of a transfer may take; each from 1 ms to 7 days.
 *
 * @param connect until a connection stands
 * @param handshake from there until both ends have proved the key and the image is agreed on
 * @param stall without one byte while bytes are due, and how long a seed that itself still receives
 *     waits for a chunk
 * @param idle that a seed keeps a link on which nothing is asked for
 * @param chunk for the bytes of one chunk, pacing included
 * @param whole for a whole image, all seeds that were tried together
 */
public record TransferLimits(
        Duration connect,
        Duration handshake,
        Duration stall,
        Duration idle,
        Duration chunk,
        Duration whole) {
    private static final Duration MAX = Duration.ofDays(7);

    /** 5 s, 10 s, 20 s, 2 min, 2 min and 1 h. */
    public static final TransferLimits DEFAULT =
            new TransferLimits(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(20),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofHours(1));

    /** Checks the range of each. */
    public TransferLimits {
        Map.of(
                        "connect", connect,
                        "handshake", handshake,
                        "stall", stall,
                        "idle", idle,
                        "chunk", chunk,
                        "whole", whole)
                .forEach(TransferLimits::check);
    }

    private static void check(String name, Duration value) {
        if (value.toMillis() < 1 || value.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(
                    "limit " + name + " is " + value + "; allowed: 1 ms to " + MAX);
        }
    }
}
