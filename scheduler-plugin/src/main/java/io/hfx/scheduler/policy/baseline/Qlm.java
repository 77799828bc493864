package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * QLM (SoCC 2024, arXiv 2407.00047): requests of alike objectives that come one after the other
 * form a group, and groups are what is ordered. How long a group waits is predicted from the tokens
 * before it and the rate at which the queue was seen to drain; groups stand by their deadlines, and
 * where one would be late the group that costs most for its requests goes behind all that can make
 * it. Where a worker's KV is full, running requests without TPOT objective are evicted for those
 * that have a due time. On Sarathi's steps.
 *
 * <p>Differs: one model, so nothing is swapped; one queue of groups for all workers, bound late,
 * where the paper has a virtual queue for each and solves a linear program that places groups in
 * them (with equal workers and no swapping the order is what is left of it: ours is that of Moore
 * and Hodgson); an evicted sequence is computed again, where the paper keeps its KV in the host's
 * memory.
 */
public final class Qlm implements Policy {
    private static final Setting GROUP_REQUESTS =
            Setting.whole("group_requests", 16, 1, 4_096, "most requests of a group")
                    .searched(2, 64);
    private static final Setting EVICT =
            Setting.whole(
                    "evict",
                    1,
                    0,
                    1,
                    "1: requests without TPOT objective are evicted for those with a due time");

    @Override
    public String name() {
        return "qlm";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS, GROUP_REQUESTS, EVICT);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        config.allow(this);
        return new QlmFleet(
                config.intOf(Common.CHUNK_TOKENS),
                config.isOn(EVICT),
                new QlmGroups(config.intOf(GROUP_REQUESTS)));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        config.allow(this);
        return new QlmStep(config.intOf(Common.CHUNK_TOKENS), config.isOn(EVICT));
    }
}
