/**
 * The load generator: sends a workload to an OpenAI endpoint on schedule, times every token, and
 * sums up. One event-loop thread owns the connections and all state of a run; what comes out are
 * records.
 */
@NullMarked
package io.hfx.cli.bench;

import org.jspecify.annotations.NullMarked;
