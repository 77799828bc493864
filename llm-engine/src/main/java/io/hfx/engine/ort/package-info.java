/**
 * The ONNX Runtime executor. Graphs are built in memory from the model's shape; weights come from
 * an image in memory, first as inputs of each run and later as prepacked initializers; the KV of a
 * sequence lies in one slot of a buffer per layer and is updated in place.
 */
@NullMarked
package io.hfx.engine.ort;

import org.jspecify.annotations.NullMarked;
