/**
 * The port behind which a decoder model runs: one step at a time, cut into slices, with the KV
 * cache of each sequence behind a handle. Everything here belongs to one step-loop thread.
 */
@NullMarked
package io.hfx.engine.executor;

import org.jspecify.annotations.NullMarked;
