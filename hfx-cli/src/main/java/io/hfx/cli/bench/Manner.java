package io.hfx.cli.bench;

import io.hfx.simulator.workload.Arrival;
import java.util.SplittableRandom;

/**
 * How the client of a request behaves.
 *
 * @param kind in general
 * @param leaveNanos for one that leaves early: after this much time from the sending; 0 where it
 *     leaves by tokens
 * @param leaveTokens for one that leaves in mid-stream: after this many tokens; 0 where it leaves
 *     by time
 */
public record Manner(Kind kind, long leaveNanos, int leaveTokens) {
    static final Manner PATIENT = new Manner(Kind.PATIENT, 0, 0);
    private static final Manner SLOW = new Manner(Kind.SLOW, 0, 0);
    private static final long MOST_LEAVE_NANOS = 1_000_000_000L;

    /** The kinds of clients; accounted for apart. */
    public enum Kind {
        /** Reads all as it comes. */
        PATIENT,
        /** Closes the connection before it has the answer. */
        LEAVING,
        /** Reads less than comes. */
        SLOW
    }

    /**
     * Shares of clients that are not patient.
     *
     * @param leaving from 0 to 1
     * @param slow from 0 to 1; with {@code leaving} at most 1
     */
    public record Shares(double leaving, double slow) {
        public static final Shares NONE = new Shares(0, 0);

        /**
         * Draws the manner of one request. Half of those that leave do so within a second of the
         * sending, answer or not; the others in mid-stream, after any token but the last.
         *
         * @param random of this request alone
         */
        Manner draw(Arrival arrival, SplittableRandom random) {
            double share = random.nextDouble();
            if (share >= leaving + slow) {
                return PATIENT;
            }
            if (share >= leaving) {
                return SLOW;
            }
            return arrival.outputTokens() > 1 && random.nextBoolean()
                    ? new Manner(Kind.LEAVING, 0, random.nextInt(1, arrival.outputTokens()))
                    : new Manner(Kind.LEAVING, random.nextLong(1, MOST_LEAVE_NANOS), 0);
        }
    }
}
