/**
 * An HTTP/1.1 load generator that costs little CPU beside the server that it measures: one thread,
 * plain non-blocking sockets, closed loop and open loop. Everything here belongs to the thread that
 * made it.
 */
@NullMarked
package io.hfx.benchmarks.load;

import org.jspecify.annotations.NullMarked;
