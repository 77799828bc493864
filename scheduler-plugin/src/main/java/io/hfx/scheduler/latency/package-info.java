/** How long a step takes: the model, and its fit to what was measured. */
@NullMarked
package io.hfx.scheduler.latency;

import org.jspecify.annotations.NullMarked;
