/**
 * The live driver: threads, clocks and queues around the scheduler core. One loop thread owns the
 * dispatcher of a model; one loop thread per worker owns its step planner and its executor. They
 * talk in messages only.
 */
@NullMarked
package io.hfx.plugin.live;

import org.jspecify.annotations.NullMarked;
