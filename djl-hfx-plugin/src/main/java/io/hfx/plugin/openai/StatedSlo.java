package io.hfx.plugin.openai;

import io.hfx.scheduler.slo.Slo;
import org.jspecify.annotations.Nullable;

/**
 * What one place of a request (its headers, or its body field {@code slo}) states.
 *
 * @param className or null
 * @param ttftNanos {@link Slo#NONE} where not stated, as the other two
 * @param tpotNanos mean time per output token
 * @param e2eNanos to the last token
 */
record StatedSlo(@Nullable String className, long ttftNanos, long tpotNanos, long e2eNanos) {
    static final StatedSlo NOTHING = new StatedSlo(null, Slo.NONE, Slo.NONE, Slo.NONE);
    static final double MIN_MS = 0.001;
    static final double MAX_MS = 86_400_000;

    /** Reads {@code slo: {class, ttft_ms, tpot_ms, e2e_ms}} of a request's body. */
    static StatedSlo of(Fields body) {
        return body.object("slo")
                .map(
                        slo -> {
                            StatedSlo stated =
                                    new StatedSlo(
                                            slo.text("class").orElse(null),
                                            nanos(slo, "ttft_ms"),
                                            nanos(slo, "tpot_ms"),
                                            nanos(slo, "e2e_ms"));
                            slo.rejectOthers();
                            return stated;
                        })
                .orElse(NOTHING);
    }

    private static long nanos(Fields slo, String name) {
        var millis = slo.number(name, MIN_MS, MAX_MS);
        return millis.isPresent() ? Math.round(millis.getAsDouble() * 1e6) : Slo.NONE;
    }

    boolean states() {
        return className != null || statesObjective();
    }

    boolean statesObjective() {
        return ttftNanos != Slo.NONE || tpotNanos != Slo.NONE || e2eNanos != Slo.NONE;
    }

    /** The objectives stated here; those of the base where one is left out. */
    Slo over(Slo base) {
        return new Slo(
                ttftNanos != Slo.NONE ? ttftNanos : base.ttftNanos(),
                tpotNanos != Slo.NONE ? tpotNanos : base.tpotNanos(),
                e2eNanos != Slo.NONE ? e2eNanos : base.e2eNanos());
    }
}
