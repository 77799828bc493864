/**
 * Token identity: greedy tokens of a reference implementation, compared in every mode of running.
 */
@NullMarked
package io.hfx.engine.identity;

import org.jspecify.annotations.NullMarked;
