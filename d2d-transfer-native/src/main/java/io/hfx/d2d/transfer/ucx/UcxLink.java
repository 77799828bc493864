package io.hfx.d2d.transfer.ucx;

import io.hfx.d2d.transfer.Deadline;
import io.hfx.d2d.transfer.Link;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.TransferException.Fault;
import io.hfx.d2d.transfer.TransferLimits;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.zip.Checksum;
import org.openucx.jucx.UcxException;
import org.openucx.jucx.ucp.UcpConnectionRequest;
import org.openucx.jucx.ucp.UcpEndpointParams;

/**
 * A link whose bytes travel as tagged messages of UCX. Those of a direct buffer go from its memory
 * and, where the reader's is direct too, into that; all others are copied.
 */
final class UcxLink implements Link {
    /** After the end of a wait that has none of its own. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    /** Whoever uses the port has it; a close waits for it, and the flag ends what it waits for. */
    private final ReentrantLock turn = new ReentrantLock();

    private final String peer;
    private final UcxPort port;
    private final UcxInbox inbox;
    private final UcxOutbox outbox;
    private volatile boolean closing;
    private boolean closed;

    private UcxLink(UcxNode node, UcpEndpointParams towards, String peer, Duration stall) {
        this.peer = peer;
        this.port = new UcxPort(node, towards, peer, () -> closing);
        this.inbox = new UcxInbox(port, stall);
        this.outbox = new UcxOutbox(port, stall);
    }

    static UcxLink connect(InetSocketAddress to, TransferLimits limits) {
        if (to.isUnresolved()) {
            throw new TransferException(Fault.CONNECT, to + ": no such host");
        }
        UcxLink link = null;
        boolean done = false;
        try {
            link = open(to, limits.stall());
            link.port.awaitConnected(Deadline.in(limits.connect()));
            done = true;
            return link;
        } catch (UcxException e) {
            throw new TransferException(
                    Fault.CONNECT, to + ": cannot connect: " + e.getMessage(), e);
        } catch (TransferException e) {
            throw e.fault() == Fault.CLOSED
                    ? new TransferException(Fault.CONNECT, e.getMessage(), e)
                    : e;
        } finally {
            if (!done && link != null) {
                link.close();
            }
        }
    }

    private static UcxLink open(InetSocketAddress to, Duration stall) {
        UcxNode node = UcxNode.open(to.getAddress());
        try {
            UcpEndpointParams towards = new UcpEndpointParams().setSocketAddress(to);
            return new UcxLink(node, towards, to.toString(), stall);
        } finally {
            node.release(); // the link's worker holds it
        }
    }

    /**
     * The seed's end of a connection that was asked for.
     *
     * @throws UcxException if it cannot be made
     */
    static UcxLink accept(UcxNode node, UcpConnectionRequest request, Duration stall) {
        UcpEndpointParams towards = new UcpEndpointParams().setConnectionRequest(request);
        return new UcxLink(node, towards, String.valueOf(request.getClientAddress()), stall);
    }

    @Override
    public String peer() {
        return peer;
    }

    @Override
    public void read(ByteBuffer into, Deadline deadline) {
        if (!readOrEnd(into, deadline)) {
            throw port.failed();
        }
    }

    @Override
    public void read(ByteBuffer into, Deadline deadline, Checksum sum) {
        use(() -> inbox.read(into, deadline, sum));
    }

    @Override
    public boolean readOrEnd(ByteBuffer into, Deadline deadline) {
        return use(() -> inbox.read(into, deadline));
    }

    @Override
    public void awaitReadable(Deadline deadline) {
        use(() -> inbox.await(deadline, "nothing was asked for"));
    }

    @Override
    public void write(ByteBuffer from, Deadline deadline) {
        use(() -> outbox.write(from, deadline));
    }

    @Override
    public void flush(Deadline deadline) {
        use(() -> outbox.flush(deadline));
    }

    @Override
    public void end(Duration atMost) {
        Deadline until = Deadline.in(atMost);
        waitFor(() -> port.isLost() || until.passed(), Deadline.in(atMost.plus(SLACK)));
    }

    @Override
    public void pause(long nanos, Deadline deadline) {
        waitFor(Deadline.in(Duration.ofNanos(nanos))::passed, deadline);
    }

    private void waitFor(BooleanSupplier done, Deadline deadline) {
        use(() -> port.await(done, deadline, "paced, and not done"));
    }

    private void use(Runnable call) {
        use(
                () -> {
                    call.run();
                    return true;
                });
    }

    private boolean use(BooleanSupplier call) {
        turn.lock();
        try {
            if (closing) {
                throw port.closedHere();
            }
            return call.getAsBoolean();
        } catch (UcxException e) {
            throw new TransferException(Fault.CLOSED, peer + ": " + e.getMessage(), e);
        } finally {
            turn.unlock();
        }
    }

    @Override
    public void close() {
        closing = true;
        turn.lock();
        try {
            if (!closed) {
                closed = true;
                inbox.discard();
                port.close();
            }
        } finally {
            turn.unlock();
        }
    }
}
