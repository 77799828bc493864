package io.hfx.cli.bench;

import io.hfx.scheduler.slo.ScoringMode;

/**
 * Where a run stands.
 *
 * @param sent requests due so far
 * @param open on the wire
 * @param completed ended well
 * @param refused by the server
 * @param failed otherwise
 * @param met completed within their SLO (primary mode)
 */
public record LoadProgress(int sent, int open, int completed, int refused, int failed, int met) {
    static final LoadProgress NONE = new LoadProgress(0, 0, 0, 0, 0, 0);

    LoadProgress with(RequestRecord record, int sentNow, int openNow) {
        boolean metNow = record.score().met(ScoringMode.MEAN);
        return new LoadProgress(
                sentNow,
                openNow,
                completed + (record.outcome() == Outcome.COMPLETED ? 1 : 0),
                refused + (record.outcome() == Outcome.REFUSED ? 1 : 0),
                failed + (record.outcome() == Outcome.FAILED ? 1 : 0),
                met + (metNow ? 1 : 0));
    }
}
