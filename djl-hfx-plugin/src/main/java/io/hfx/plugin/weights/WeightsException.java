package io.hfx.plugin.weights;

/** A source has no good weights; the message says why, in one line. */
final class WeightsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    WeightsException(String message) {
        super(message);
    }
}
