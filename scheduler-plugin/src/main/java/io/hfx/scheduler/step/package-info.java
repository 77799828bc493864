/** The step planner: what a worker runs in its next step, and who holds its KV. */
@NullMarked
package io.hfx.scheduler.step;

import org.jspecify.annotations.NullMarked;
