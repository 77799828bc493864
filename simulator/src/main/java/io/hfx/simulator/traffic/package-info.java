/** Makes requests of arrivals: objectives, what clients allow, and what predictors expect. */
@NullMarked
package io.hfx.simulator.traffic;

import org.jspecify.annotations.NullMarked;
