package io.hfx.d2d.device;

import java.nio.file.Path;

/**
 * Memory offered to other processes until this is closed. Those that attached keep what they have:
 * the memory stays until the last of them lets go or ends.
 */
public final class Offer implements AutoCloseable {
    private final Path socket;
    private final Handle handle;

    Offer(Path socket, long number) {
        this.socket = socket;
        this.handle = new Handle(this, number, "offer");
    }

    public Path socket() {
        return socket;
    }

    /** How many peers are attached now. */
    public int leases() {
        return Native.leases(handle.number());
    }

    @Override
    public void close() {
        handle.close();
    }
}
