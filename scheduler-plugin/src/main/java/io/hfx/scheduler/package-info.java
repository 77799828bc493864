/**
 * The scheduler core: two state machines that are functions of events, <code>dispatch.Dispatcher
 * </code> (one per model's fleet) and <code>step.StepPlanner</code> (one per worker). They hold no
 * clock, no thread and no I/O; time comes in with each event, and nothing goes out but commands.
 */
@NullMarked
package io.hfx.scheduler;

import org.jspecify.annotations.NullMarked;
