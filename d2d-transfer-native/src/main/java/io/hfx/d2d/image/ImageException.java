package io.hfx.d2d.image;

import java.util.Objects;

/** A weight image that cannot be made, read or trusted. The message names what and where. */
public final class ImageException extends RuntimeException {
    /** What kind of thing is wrong. */
    public enum Fault {
        /** Bytes differ from their checksum, or the manifest contradicts itself. */
        CORRUPT,
        /** Fewer bytes than the manifest states. */
        TRUNCATED,
        WRONG_MODEL,
        WRONG_DTYPE,
        WRONG_LAYOUT,
        /** A limit of this implementation, or a format version that it does not know. */
        UNSUPPORTED,
        NO_MEMORY,
        IO
    }

    private final Fault fault;

    public ImageException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public ImageException(Fault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
