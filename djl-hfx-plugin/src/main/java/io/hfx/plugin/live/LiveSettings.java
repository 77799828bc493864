package io.hfx.plugin.live;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;

/**
 * How a live fleet is scheduled.
 *
 * @param policy which
 * @param config its settings
 * @param limits of the central queue
 */
public record LiveSettings(Policy policy, PolicyConfig config, DispatcherLimits limits) {}
