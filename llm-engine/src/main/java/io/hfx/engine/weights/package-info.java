/** Weights in memory, in the layout from which executors read them without another copy. */
@NullMarked
package io.hfx.engine.weights;

import org.jspecify.annotations.NullMarked;
