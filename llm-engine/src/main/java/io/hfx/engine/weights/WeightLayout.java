package io.hfx.engine.weights;

/** How a weight image holds projection matrices. Embedding and norms are the same in both. */
public enum WeightLayout {
    /** As in Hugging Face files: y = x W^T. */
    OUT_IN,
    /** Transposed while loading: y = x W. A tied head has a transposed copy of its own. */
    IN_OUT
}
