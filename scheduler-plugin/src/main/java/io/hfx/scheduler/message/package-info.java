/**
 * Everything that the two state machines say and hear. Messages carry durations, never instants;
 * only events are stamped, by the driver that hands them in.
 */
@NullMarked
package io.hfx.scheduler.message;

import org.jspecify.annotations.NullMarked;
