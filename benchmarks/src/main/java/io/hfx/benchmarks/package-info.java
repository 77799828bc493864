/** Benchmarks of the engine and of raw graphs, measured in thread CPU time; JSON out. */
@NullMarked
package io.hfx.benchmarks;

import org.jspecify.annotations.NullMarked;
