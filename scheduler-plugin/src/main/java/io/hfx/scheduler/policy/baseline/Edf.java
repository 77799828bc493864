package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.parts.CentralQueue;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.policy.parts.TokenBudget;
import java.util.Comparator;
import java.util.List;

/**
 * Earliest deadline first on Sarathi's steps: the deadline is that of the first token, or the
 * end-to-end one where there is no other; requests without either come last. Nothing is demoted or
 * refused, so in overload everybody is late together.
 */
public final class Edf implements Policy {
    @Override
    public String name() {
        return "edf";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new CentralQueue(
                w -> Due.firstTokenNanos(w, 0), config.allow(this).intOf(Common.CHUNK_TOKENS));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new ChunkedPrefill(
                TokenBudget.fixed(config.allow(this).intOf(Common.CHUNK_TOKENS)),
                PrefillOrder.by(Comparator.comparingLong(s -> Due.firstTokenNanos(s, 0))));
    }
}
