/**
 * Latency profiles: how long the steps of a model on a device take, what KV there is, and how to
 * fit one from recorded steps. The emulated backend reads the same files.
 */
@NullMarked
package io.hfx.simulator.profile;

import org.jspecify.annotations.NullMarked;
