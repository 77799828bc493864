/**
 * From logits to a token. Randomness is counter-based on (seed, choice, position), so a sequence
 * that is preempted, moved or recomputed continues the same draws.
 */
@NullMarked
package io.hfx.engine.sampling;

import org.jspecify.annotations.NullMarked;
