package io.hfx.d2d.transfer;

import java.net.InetSocketAddress;

/** Takes the links that peers make. One thread accepts, any may close it. */
public interface LinkListener extends AutoCloseable {
    /** Where it listens, with the port that was taken. */
    InetSocketAddress address();

    /**
     * The next link, whose peer has proved nothing yet; waits for it without a limit.
     *
     * @throws TransferException {@code CONNECT} if a link came and could not be taken, or this is
     *     closed
     */
    Link accept();

    /** Ends a wait; links that were accepted go on. A second call has no effect. */
    @Override
    void close();
}
