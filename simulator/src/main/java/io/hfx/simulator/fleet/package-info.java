/**
 * A fleet in virtual time: the dispatcher and the step planners that serve live, driven by
 * simulated workers and messages that take a while.
 */
@NullMarked
package io.hfx.simulator.fleet;

import org.jspecify.annotations.NullMarked;
