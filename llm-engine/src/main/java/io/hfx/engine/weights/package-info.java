/**
 * Weights by name: reading them from a checkpoint, telling models apart, handing them to executors.
 */
@NullMarked
package io.hfx.engine.weights;

import org.jspecify.annotations.NullMarked;
