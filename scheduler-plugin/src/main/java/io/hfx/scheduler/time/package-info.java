/** Virtual time for tests and simulation. */
@NullMarked
package io.hfx.scheduler.time;

import org.jspecify.annotations.NullMarked;
