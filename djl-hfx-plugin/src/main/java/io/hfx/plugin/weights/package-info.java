/**
 * How a model gets its weights: from the memory of a server that runs the same model, or from its
 * files; and how it gives them on. docs/d2d.md describes the protocol.
 */
@NullMarked
package io.hfx.plugin.weights;

import org.jspecify.annotations.NullMarked;
