/**
 * The HFX policy for opaque engines, whose workers run whole requests in batches that nothing can
 * cut.
 */
@NullMarked
package io.hfx.scheduler.policy.whole;

import org.jspecify.annotations.NullMarked;
