/**
 * The HFX policy: budgets from a fitted latency model, deadlines with demotion of the late, and a
 * guaranteed share for requests without objectives.
 */
@NullMarked
package io.hfx.scheduler.policy.hfx;

import org.jspecify.annotations.NullMarked;
