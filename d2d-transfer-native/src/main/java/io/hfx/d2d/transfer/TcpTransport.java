package io.hfx.d2d.transfer;

import io.hfx.d2d.transfer.TransferException.Fault;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Links over TCP connections. */
final class TcpTransport implements LinkTransport {
    @Override
    public String name() {
        return "tcp";
    }

    @Override
    public void require() {
        // Every JDK has it.
    }

    @Override
    public Link connect(InetSocketAddress to, TransferLimits limits) {
        return TcpLink.connect(to, limits);
    }

    @Override
    public LinkListener listen(InetSocketAddress at, Duration stall) {
        ServerSocketChannel channel = null;
        boolean done = false;
        try {
            channel = ServerSocketChannel.open();
            channel.bind(at);
            Listener listener =
                    new Listener(channel, (InetSocketAddress) channel.getLocalAddress(), stall);
            done = true;
            return listener;
        } catch (IOException e) {
            throw new TransferException(
                    Fault.CONNECT, "cannot listen at " + at + ": " + e.getMessage(), e);
        } finally {
            if (!done && channel != null) {
                closeQuietly(channel);
            }
        }
    }

    private record Listener(ServerSocketChannel channel, InetSocketAddress address, Duration stall)
            implements LinkListener {
        @Override
        public Link accept() {
            try {
                SocketChannel accepted = channel.accept();
                String peer = String.valueOf(accepted.socket().getRemoteSocketAddress());
                return TcpLink.open(accepted, peer, stall);
            } catch (IOException e) {
                throw new TransferException(Fault.CONNECT, "no link came: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            closeQuietly(channel);
        }
    }

    private static void closeQuietly(ServerSocketChannel listener) {
        try {
            listener.close();
        } catch (IOException ignored) {
            // Nothing is left to be done with a listener that cannot be closed.
        }
    }
}
