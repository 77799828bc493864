package io.hfx.scheduler.slo;

import java.util.Arrays;
import java.util.List;

/**
 * Decides whether a request met its objectives: the only place where that is decided. A request
 * meets its SLO when every objective it states is met by every one of its sequences. Requests that
 * were refused, failed or never finished have no timeline and count as missed: see {@link #MISSED}.
 *
 * @param ttft whether the time to first token was met (true where none is stated)
 * @param tpotMean TPOT judged by {@link ScoringMode#MEAN}
 * @param tpotTail TPOT judged by {@link ScoringMode#TAIL}
 * @param tpotCumulative TTFT and TPOT judged together by {@link ScoringMode#CUMULATIVE}
 * @param e2e whether the end-to-end objective was met
 */
public record SloScore(
        boolean ttft, boolean tpotMean, boolean tpotTail, boolean tpotCumulative, boolean e2e) {

    /** The score of a request that was refused, failed or did not finish. */
    public static final SloScore MISSED = new SloScore(false, false, false, false, false);

    private static final SloScore MET = new SloScore(true, true, true, true, true);

    /** Scores the sequences of one finished request. */
    public static SloScore of(Slo slo, List<SequenceTimeline> sequences) {
        if (sequences.isEmpty()) {
            return MISSED;
        }
        SloScore all = MET;
        for (SequenceTimeline sequence : sequences) {
            all = all.and(of(slo, sequence));
        }
        return all;
    }

    /** Scores one finished sequence. */
    public static SloScore of(Slo slo, SequenceTimeline sequence) {
        return new SloScore(
                sequence.ttftNanos() <= slo.ttftNanos(),
                !slo.hasTpot() || sequence.tpotNanos() <= slo.tpotNanos(),
                !slo.hasTpot() || percentile(sequence.itlNanos(), 0.99) <= slo.tpotNanos(),
                everyTokenInTime(slo, sequence),
                sequence.e2eNanos() <= slo.e2eNanos());
    }

    /**
     * Scores a request that was answered as a whole: its only token is its first and its last.
     *
     * @param e2eNanos nanoseconds from the reading of the request to its answer
     */
    public static SloScore ofWhole(Slo slo, long e2eNanos) {
        boolean ttft = e2eNanos <= slo.ttftNanos();
        boolean e2e = e2eNanos <= slo.e2eNanos();
        return ttft && e2e ? MET : new SloScore(ttft, true, true, ttft, e2e);
    }

    /** Whether the request met its SLO in the given mode. */
    public boolean met(ScoringMode mode) {
        return switch (mode) {
            case MEAN -> ttft && tpotMean && e2e;
            case TAIL -> ttft && tpotTail && e2e;
            case CUMULATIVE -> tpotCumulative && e2e;
        };
    }

    private SloScore and(SloScore o) {
        return new SloScore(
                ttft && o.ttft,
                tpotMean && o.tpotMean,
                tpotTail && o.tpotTail,
                tpotCumulative && o.tpotCumulative,
                e2e && o.e2e);
    }

    private static boolean everyTokenInTime(Slo slo, SequenceTimeline sequence) {
        if (sequence.ttftNanos() > slo.ttftNanos()) {
            return false;
        }
        if (!slo.hasTpot()) {
            return true;
        }
        long firstNanos = slo.hasTtft() ? slo.ttftNanos() : sequence.ttftNanos();
        for (int i = 1; i < sequence.tokens(); i++) {
            if (sequence.atNanos(i) - firstNanos > (double) i * slo.tpotNanos()) {
                return false;
            }
        }
        return true;
    }

    /** Nearest-rank percentile of unsorted values; 0 where there are none. */
    private static long percentile(long[] values, double share) {
        if (values.length == 0) {
            return 0;
        }
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
