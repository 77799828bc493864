package io.hfx.benchmarks.clone;

import io.hfx.d2d.image.ImageMemory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * What sockets alone can do: gives parts of memory to whoever asks, without key, chunk or checksum.
 * A request is the first byte, the number of bytes, and the size of the socket's buffer, or 0.
 */
final class RawServer implements AutoCloseable {
    static final int REQUEST_BYTES = 8 + 8 + 4;
    static final int PIECE_BYTES = 4 << 20;

    private final ImageMemory memory;
    private final ServerSocketChannel listener;

    RawServer(ImageMemory memory) throws IOException {
        this.memory = memory;
        listener =
                ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start(this::accept);
    }

    int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "raw");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                start(() -> serve(channel));
            }
        } catch (ClosedChannelException e) {
            // By this object's close.
        } catch (IOException e) {
            System.err.println("no more raw sockets: " + e);
        }
    }

    private void serve(SocketChannel accepted) {
        try (SocketChannel channel = accepted) {
            ByteBuffer request = ByteBuffer.allocate(REQUEST_BYTES);
            while (request.hasRemaining()) {
                if (channel.read(request) < 0) {
                    return;
                }
            }
            request.flip();
            long at = request.getLong();
            long end = at + request.getLong();
            int bufferBytes = request.getInt();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (bufferBytes > 0) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, bufferBytes);
            }
            while (at < end) {
                ByteBuffer piece = memory.slice(at, (int) Math.min(PIECE_BYTES, end - at));
                at += piece.remaining();
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            }
        } catch (IOException e) {
            System.err.println("a raw socket failed: " + e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
