package io.hfx.cli.bench;

/** How a request ended. All but the first count as missed. */
public enum Outcome {
    /** The stream ended as it should, with at least one token. */
    COMPLETED,
    /** The server said no: 429 or 503. */
    REFUSED,
    /** Any other status, a broken stream or connection, or an error within the stream. */
    FAILED,
    /** Still waiting or streaming when the run ended. */
    UNFINISHED
}
