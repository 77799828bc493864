package io.hfx.benchmarks.clone;

/** One way for an image to come into the memory of this process. */
record Way(String name, Measured measured) {
    /** Prepares what is not timed, then times the phases. */
    interface Measured {
        Figure.Clock run() throws Exception;
    }
}
