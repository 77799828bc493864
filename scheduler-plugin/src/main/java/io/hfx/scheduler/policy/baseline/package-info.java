/** Policies of the literature; docs/policies.md lists them. */
@NullMarked
package io.hfx.scheduler.policy.baseline;

import org.jspecify.annotations.NullMarked;
