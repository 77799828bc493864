package io.hfx.cli.bench;

/** How a request ended. */
public enum Outcome {
    /** The stream ended as it should, with at least one token. */
    COMPLETED,
    /** The server said no: 429 or 503. */
    REFUSED,
    /** Any other status, a broken stream or connection, or an error within the stream. */
    FAILED,
    /** The client left, as it was meant to. */
    ABORTED,
    /** The server closed the connection of a slow client in mid-stream. */
    CUT,
    /** Still waiting or streaming when the run ended. */
    UNFINISHED
}
