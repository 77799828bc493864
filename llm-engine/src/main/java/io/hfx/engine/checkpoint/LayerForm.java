package io.hfx.engine.checkpoint;

/**
 * What the layers of a model have besides the matrices and norms that all families share.
 *
 * @param qkvBias biases of the query, key and value projections
 * @param outputBias bias of attention's output projection
 * @param mlpBias biases of the MLP's three projections
 * @param qkNorm norms over each query head and each key head, before the rotation
 */
public record LayerForm(boolean qkvBias, boolean outputBias, boolean mlpBias, boolean qkNorm) {
    /** Nothing besides. */
    public static final LayerForm PLAIN = new LayerForm(false, false, false, false);
}
