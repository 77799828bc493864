package io.hfx.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over connections that it keeps. A request never waits for a connection: if none is
 * idle a new one is opened, and its opening is part of the request's latency. A connection is left
 * after a status of 400 or more, as DJL Serving closes it then.
 *
 * <p>Not thread-safe: whoever calls {@link #poll} owns it, and hears the answers there.
 */
final class HttpLoop implements AutoCloseable {
    /** Hears how one request ended, once. */
    interface Listener {
        void answered(Response response);

        void broken(String why);
    }

    private final InetSocketAddress target;
    private final Selector selector;
    private final ByteBuffer received = ByteBuffer.allocateDirect(1 << 16);
    private final Deque<Connection> idle = new ArrayDeque<>();
    private int openedConnections;

    HttpLoop(InetSocketAddress target) throws IOException {
        this.target = target;
        selector = Selector.open();
    }

    /** Connections opened so far. */
    int openedConnections() {
        return openedConnections;
    }

    /** Sends a request; its listener is called in a later {@link #poll}. */
    void send(byte[] request, Listener listener) throws IOException {
        Connection connection = idle.pollFirst();
        if (connection == null) {
            connection = new Connection();
        }
        connection.send(request, listener);
    }

    /**
     * Works on what is there, after waiting for at most {@code waitNanos}; times below a
     * millisecond are rounded up to one, zero and less do not wait.
     */
    void poll(long waitNanos) throws IOException {
        if (waitNanos <= 0) {
            selector.selectNow(HttpLoop::ready);
        } else {
            selector.select(HttpLoop::ready, Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)));
        }
    }

    private static void ready(SelectionKey key) {
        ((Connection) key.attachment()).ready();
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    private final class Connection {
        private final SocketChannel channel;
        private final SelectionKey key;
        private final ResponseParser parser = new ResponseParser();
        private @Nullable ByteBuffer unsent;
        private @Nullable Listener listener;

        Connection() throws IOException {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            boolean connected = channel.connect(target);
            key =
                    channel.register(
                            selector,
                            connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT,
                            this);
            openedConnections++;
        }

        void send(byte[] request, Listener of) {
            listener = of;
            unsent = ByteBuffer.wrap(request);
            if (channel.isConnected()) {
                guarded(this::write);
            }
        }

        void ready() {
            guarded(
                    () -> {
                        if (key.isConnectable()) {
                            channel.finishConnect();
                            key.interestOps(SelectionKey.OP_READ);
                            write();
                        } else {
                            if (key.isWritable()) {
                                write();
                            }
                            if (key.isReadable()) {
                                read();
                            }
                        }
                    });
        }

        private void write() throws IOException {
            ByteBuffer left = unsent;
            if (left != null) {
                channel.write(left);
                boolean done = !left.hasRemaining();
                unsent = done ? null : left;
                key.interestOps(
                        done ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            }
        }

        private void read() throws IOException {
            received.clear();
            int count = channel.read(received);
            if (count < 0) {
                end(parser.isInside() ? "closed within the answer" : "closed before the answer");
                return;
            }
            parser.feed(received.flip());
            Response response = parser.next();
            Listener of = listener;
            if (response != null && of != null) {
                listener = null;
                if (response.status() < 400 && response.isKeptAlive()) {
                    idle.addFirst(this);
                } else {
                    channel.close();
                }
                of.answered(response);
            }
        }

        /** Whatever goes wrong ends this connection, and its request with it. */
        private void guarded(Action action) {
            try {
                action.run();
            } catch (IOException | ResponseParser.MalformedResponseException e) {
                end(String.valueOf(e.getMessage()));
            }
        }

        private void end(String why) {
            idle.remove(this);
            try {
                channel.close();
            } catch (IOException e) {
                // it is gone either way
            }
            Listener of = listener;
            listener = null;
            if (of != null) {
                of.broken(why);
            }
        }
    }

    private interface Action {
        void run() throws IOException;
    }
}
