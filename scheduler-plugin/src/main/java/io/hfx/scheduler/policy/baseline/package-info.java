/** The classic policies: first come first served, Sarathi, earliest deadline first. */
@NullMarked
package io.hfx.scheduler.policy.baseline;

import org.jspecify.annotations.NullMarked;
