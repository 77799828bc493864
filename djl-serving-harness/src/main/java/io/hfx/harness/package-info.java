/**
 * A real DJL Serving in a process of its own, with or without the plugin folder, and an engine of
 * known service time in it. Used by the integration tests and the benchmarks; never shipped.
 */
@NullMarked
package io.hfx.harness;

import org.jspecify.annotations.NullMarked;
