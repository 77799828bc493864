/** What the two state machines decide about a request, and why, for whoever wants to know. */
@NullMarked
package io.hfx.scheduler.explain;

import org.jspecify.annotations.NullMarked;
