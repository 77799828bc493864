package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageException;
import java.util.Objects;

/** A link or a clone that failed. The message names the peer and what went wrong; never a key. */
public final class TransferException extends RuntimeException {
    /**
     * What kind of failure. A refusal carries a code over the wire; faults without one say
     * something of this side, and no peer can make it believe them.
     */
    public enum Fault {
        /** The peer could not prove the worker key. */
        BAD_KEY(1),
        /** The peer speaks another version of the protocol. */
        WRONG_VERSION(2),
        WRONG_MODEL(3),
        WRONG_DTYPE(4),
        WRONG_LAYOUT(5),
        /** The right kind of image, but not the very one that was asked for. */
        WRONG_MANIFEST(6),
        /** The seed serves as many links as it may. */
        BUSY(7),
        /** The seed has no image, or does not get the rest of it. */
        NOT_READY(8),
        /** The peer said what the protocol does not allow here. */
        PROTOCOL(9),
        /** Chunks that kept differing from their checksum. */
        CORRUPT(0),
        /** The connection could not be made. */
        CONNECT(0),
        /** The connection ended too early. */
        CLOSED(0),
        TIMEOUT(0),
        CANCELLED(0),
        NO_MEMORY(0),
        /** This process lacks what carries links, or a part of it. */
        NO_TRANSPORT(0),
        /** No seed of the list gave the whole image. */
        NO_SEED(0);

        private final int code;

        Fault(int code) {
            this.code = code;
        }

        /** What a refusal carries; that of {@code NOT_READY} for a fault that is not the peer's. */
        int code() {
            return code == 0 ? NOT_READY.code : code;
        }

        /** The fault of a code from the wire; one that is unknown here is {@code PROTOCOL}. */
        static Fault of(int code) {
            for (Fault fault : values()) {
                if (fault.code == code && code != 0) {
                    return fault;
                }
            }
            return PROTOCOL;
        }

        static Fault of(ImageException.Fault fault) {
            return switch (fault) {
                case WRONG_MODEL -> WRONG_MODEL;
                case WRONG_DTYPE -> WRONG_DTYPE;
                case WRONG_LAYOUT -> WRONG_LAYOUT;
                case NO_MEMORY -> NO_MEMORY;
                case CORRUPT, TRUNCATED, UNSUPPORTED, IO -> PROTOCOL;
            };
        }
    }

    private final Fault fault;

    public TransferException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public TransferException(Fault fault, String message, Throwable cause) {
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
