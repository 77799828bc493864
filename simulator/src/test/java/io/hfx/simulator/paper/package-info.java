/** Each baseline on a small workload of the kind that its paper evaluates on. */
@NullMarked
package io.hfx.simulator.paper;

import org.jspecify.annotations.NullMarked;
