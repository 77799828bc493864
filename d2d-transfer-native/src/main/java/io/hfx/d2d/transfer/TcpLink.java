package io.hfx.d2d.transfer;

import io.hfx.d2d.transfer.TransferException.Fault;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/**
 * A link over one TCP connection. The channel is non-blocking underneath, with a selector of its
 * own: a blocking channel has no time limit.
 */
final class TcpLink implements Link {
    private static final int END_BYTES = 4096;

    /** What is read before its sum is taken. */
    private static final int PIECE_BYTES = 256 << 10;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey selectionKey;
    private final String peer;
    private final Duration stall;

    private TcpLink(SocketChannel channel, String peer, Duration stall) throws IOException {
        this.channel = channel;
        this.peer = peer;
        this.stall = stall;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        selector = Selector.open();
        try {
            selectionKey = channel.register(selector, 0);
        } catch (IOException e) {
            selector.close();
            throw e;
        }
    }

    static TcpLink connect(InetSocketAddress to, TransferLimits limits) {
        TcpLink link = null;
        boolean done = false;
        try {
            link = open(SocketChannel.open(), to.toString(), limits.stall());
            Deadline deadline = Deadline.in(limits.connect());
            for (boolean up = link.channel.connect(to); !up; up = link.channel.finishConnect()) {
                link.await(SelectionKey.OP_CONNECT, deadline, "no connection");
            }
            done = true;
            return link;
        } catch (IOException | RuntimeException e) {
            if (e instanceof TransferException known) {
                throw known;
            }
            throw new TransferException(Fault.CONNECT, to + ": cannot connect: " + e, e);
        } finally {
            if (!done && link != null) {
                link.close();
            }
        }
    }

    /** Takes a channel over; closes it if that fails. */
    static TcpLink open(SocketChannel channel, String peer, Duration stall) throws IOException {
        boolean done = false;
        try {
            TcpLink link = new TcpLink(channel, peer, stall);
            done = true;
            return link;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    @Override
    public String peer() {
        return peer;
    }

    @Override
    public void read(ByteBuffer into, Deadline deadline) {
        if (!readOrEnd(into, deadline) && into.hasRemaining()) {
            throw closed(null);
        }
    }

    @Override
    public void read(ByteBuffer into, Deadline deadline, Checksum sum) {
        ByteBuffer piece = into.duplicate();
        while (into.hasRemaining()) {
            piece.limit(Math.min(into.limit(), into.position() + PIECE_BYTES));
            int start = piece.position();
            read(piece, deadline);
            into.position(piece.position());
            sum.update(piece.duplicate().flip().position(start));
        }
    }

    @Override
    public boolean readOrEnd(ByteBuffer into, Deadline deadline) {
        boolean any = false;
        Deadline stalled = Deadline.in(stall);
        try {
            while (into.hasRemaining()) {
                int count = channel.read(into);
                if (count < 0) {
                    if (any) {
                        throw closed(null);
                    }
                    return false;
                }
                if (count == 0) {
                    await(SelectionKey.OP_READ, deadline.earlier(stalled), "nothing came");
                } else {
                    any = true;
                    stalled = Deadline.in(stall);
                }
            }
            return true;
        } catch (IOException e) {
            throw closed(e);
        }
    }

    @Override
    public void awaitReadable(Deadline deadline) {
        try {
            boolean readable = false;
            while (!readable) {
                readable = await(SelectionKey.OP_READ, deadline, "nothing was asked for");
            }
        } catch (IOException e) {
            throw closed(e);
        }
    }

    @Override
    public void write(ByteBuffer from, Deadline deadline) {
        Deadline stalled = Deadline.in(stall);
        try {
            while (from.hasRemaining()) {
                if (channel.write(from) == 0) {
                    await(SelectionKey.OP_WRITE, deadline.earlier(stalled), "nothing was taken");
                } else {
                    stalled = Deadline.in(stall);
                }
            }
        } catch (IOException e) {
            throw closed(e);
        }
    }

    @Override
    public void flush(Deadline deadline) {
        // What is written lies with the kernel, which copied it.
    }

    @Override
    public void end(Duration atMost) {
        Deadline deadline = Deadline.in(atMost);
        ByteBuffer ignored = ByteBuffer.allocate(END_BYTES);
        try {
            channel.shutdownOutput();
            int count = 0;
            while (count >= 0 && !deadline.passed()) {
                await(SelectionKey.OP_READ, deadline, null);
                count = channel.read(ignored.clear());
            }
        } catch (IOException e) {
            throw closed(e);
        }
    }

    @Override
    public void pause(long nanos, Deadline deadline) {
        Deadline until = Deadline.in(Duration.ofNanos(nanos));
        try {
            while (!until.passed()) {
                await(0, until.earlier(deadline), null);
                if (deadline.passed()) {
                    throw new TransferException(Fault.TIMEOUT, peer + ": paced beyond its time");
                }
            }
        } catch (IOException e) {
            throw closed(e);
        }
    }

    /**
     * Waits until the channel is ready, or less.
     *
     * @param late said in the failure when the deadline has passed; null: it just returns
     * @return whether the channel is ready
     */
    private boolean await(int operation, Deadline deadline, @Nullable String late)
            throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new TransferException(Fault.CANCELLED, peer + ": interrupted");
        }
        if (deadline.passed() && late != null) {
            throw new TransferException(Fault.TIMEOUT, peer + ": " + late + " in time");
        }
        try {
            selectionKey.interestOps(operation);
            selector.selectedKeys().clear();
            return selector.select(deadline.leftMillis()) > 0;
        } catch (ClosedSelectorException | CancelledKeyException e) {
            throw new IOException("closed here", e);
        }
    }

    private TransferException closed(@Nullable IOException cause) {
        String message = peer + ": the connection ended too early";
        return cause == null
                ? new TransferException(Fault.CLOSED, message)
                : new TransferException(Fault.CLOSED, message + ": " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        closeQuietly(selector); // first: it wakes a thread that waits
        closeQuietly(channel);
    }

    private static void closeQuietly(Closeable part) {
        try {
            part.close();
        } catch (IOException ignored) {
            // Nothing is left to be done with a connection that cannot be closed.
        }
    }
}
