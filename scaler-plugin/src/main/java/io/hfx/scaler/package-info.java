/**
 * The cost-aware scaler: a planner that weighs demand and predicted violations against the time to
 * ready of each option, the life cycle of a worker, role flips, and the ports for launching workers
 * and filling their weights. Empty for now; a fleet has the size it was started with.
 */
@NullMarked
package io.hfx.scaler;

import org.jspecify.annotations.NullMarked;
