package io.hfx.d2d.device;

import java.util.Locale;

/** A device, a driver or the system said no. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What kind of no; the order is that of {@code hfx_code} in {@code hfx_d2d.h}. */
    public enum Code {
        OK,
        /** An argument is out of its range. */
        INVALID,
        /** The object was closed. */
        STALE,
        /** No such driver or device on this machine. */
        UNAVAILABLE,
        NO_MEMORY,
        /** This driver, kernel or build cannot do it. */
        UNSUPPORTED,
        CANCELLED,
        TIMEOUT,
        /** The driver's own failure; {@link #nativeCode()} is its number. */
        DRIVER,
        /** A system call's failure; {@link #nativeCode()} is errno. */
        IO
    }

    private final Code code;
    private final int nativeCode;

    DeviceException(Code code, String text) {
        this(code, 0, text);
    }

    private DeviceException(Code code, int nativeCode, String text) {
        super(code.name().toLowerCase(Locale.ROOT) + ": " + text);
        this.code = code;
        this.nativeCode = nativeCode;
    }

    /** Called by the native library; it never makes one of code 0. */
    DeviceException(int code, int nativeCode, String text) {
        this(Code.values()[code], nativeCode, text);
    }

    public Code code() {
        return code;
    }

    /** The number that the driver or the system gave; 0 where there is none. */
    public int nativeCode() {
        return nativeCode;
    }
}
