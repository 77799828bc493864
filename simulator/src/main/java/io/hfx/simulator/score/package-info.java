/** Scores a run while it goes on: attainment, goodput and quantile sketches. */
@NullMarked
package io.hfx.simulator.score;

import org.jspecify.annotations.NullMarked;
