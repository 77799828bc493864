package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * AdaServe (arXiv 2501.12162) without its speculation: in each step every decoding sequence owes
 * some tokens, {@code A = (time since its first token + step time) / TPOT - tokens since then}, and
 * the tokens of a step go to those that owe most. A sequence that is ahead sits a step out; a step
 * is as long as nobody comes to owe more than one step can give it.
 *
 * <p>Differs: the paper drafts a tree of tokens for each sequence and gives a sequence that owes
 * more a larger part of it to verify. No engine here speculates, so a step gives a sequence 0 or 1
 * tokens, and a TPOT below the time of a step of one decode cannot be met, which is where the
 * paper's gain is largest. {@link AdaServeStep#mostTokens} is where speculation would enter. What
 * the decodes leave of a step goes to prefill, where the paper has none in its selection: prompts
 * by latest start, those that cannot make their first token behind (the paper has TPOT objectives
 * only). Where just the end is due, the time left over the tokens left is the TPOT. Requests
 * without objective take what is left; several workers share one queue, bound late to the least
 * loaded.
 */
public final class AdaServe implements Policy {
    private static final Setting MIN_CHUNK_TOKENS =
            Common.minChunkTokens(
                    64, "prefill tokens that a step takes even where tokens are owed");

    @Override
    public String name() {
        return "adaserve";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.MARGIN, MIN_CHUNK_TOKENS, Common.MAX_CHUNK_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new LatestStartQueue(config.allow(this).intOf(Common.MAX_CHUNK_TOKENS), true);
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        config.allow(this);
        return new AdaServeStep(
                config.doubleOf(Common.MARGIN),
                config.intOf(MIN_CHUNK_TOKENS),
                config.intOf(Common.MAX_CHUNK_TOKENS));
    }
}
