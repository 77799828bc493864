package io.hfx.cli.bench;

import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloScore;
import java.util.Arrays;

/**
 * One request after the run. Times are nanoseconds from the start of the run.
 *
 * @param planned what was asked for
 * @param outcome how it ended
 * @param reason why it did not complete; empty where it did
 * @param sentNanos when it was written to the open connection; -1 if it never was
 * @param tokenNanos when each token arrived, ascending
 * @param promptTokens as the server counted them; -1 where it did not say
 * @param inferredTimes whether the server sent several tokens in one chunk, so that their spread
 *     over the chunks is inferred
 */
public record RequestRecord(
        PlannedRequest planned,
        Outcome outcome,
        String reason,
        long sentNanos,
        long[] tokenNanos,
        int promptTokens,
        boolean inferredTimes) {

    /** Whether it completed, so that the timelines exist. */
    public boolean completed() {
        return outcome == Outcome.COMPLETED;
    }

    /** Token times from the scheduled arrival: what a user waits, however late it was sent. */
    public SequenceTimeline fromArrival() {
        return since(planned.arrival().atNanos());
    }

    /** Token times from the moment of sending. */
    public SequenceTimeline fromSend() {
        return since(sentNanos);
    }

    /** Judged from the scheduled arrival. */
    public SloScore score() {
        return completed() ? SloScore.of(planned.sloClass().slo(), fromArrival()) : SloScore.MISSED;
    }

    private SequenceTimeline since(long originNanos) {
        return new SequenceTimeline(
                Arrays.stream(tokenNanos).map(at -> at - originNanos).toArray());
    }
}
