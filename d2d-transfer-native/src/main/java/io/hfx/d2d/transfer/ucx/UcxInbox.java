package io.hfx.d2d.transfer.ucx;

import io.hfx.d2d.transfer.Deadline;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;
import org.openucx.jucx.ucp.UcpRequest;
import org.openucx.jucx.ucp.UcpTagMessage;

/**
 * Receives messages as bytes: large ones land in the reader's memory, small ones are copied. One
 * thread at a time.
 */
final class UcxInbox {
    /** Largest message that is copied; a larger one must have room in what the reader asks for. */
    static final int COPY_BYTES = UcxNode.RENDEZVOUS_BYTES;

    /** Messages that land at a time. */
    private static final int WINDOW = 2;

    private final UcxPort port;
    private final Duration stall;
    private final ByteBuffer copy = ByteBuffer.allocateDirect(COPY_BYTES).limit(0);
    private @Nullable UcpTagMessage next;

    /** A message on its way into the reader's memory. */
    private record Landing(UcpRequest request, int bytes) {}

    UcxInbox(UcxPort port, Duration stall) {
        this.port = port;
        this.stall = stall;
    }

    /** Waits for bytes, or the end. */
    void await(Deadline deadline, String late) {
        if (!copy.hasRemaining()) {
            port.await(() -> arrived() != null || port.isLost(), deadline, late);
        }
    }

    /** Fills the buffer; false if the peer has ended before the first byte. */
    boolean read(ByteBuffer into, Deadline deadline) {
        int start = into.position();
        while (into.hasRemaining()) {
            if (ended(deadline)) {
                if (into.position() > start || !port.isEnded()) {
                    throw port.failed();
                }
                return false;
            }
            if (fits(into)) {
                settle(into, land(into), deadline);
            } else {
                takeCopied(into, deadline);
            }
        }
        return true;
    }

    /** Fills the buffer; while one message is summed up, the next one comes. */
    void read(ByteBuffer into, Deadline deadline, Checksum sum) {
        Deque<Landing> landings = new ArrayDeque<>();
        ByteBuffer free = into.duplicate();
        while (into.hasRemaining()) {
            if (landings.isEmpty() && ended(deadline)) {
                throw port.failed();
            }
            landMore(free, landings);
            int start = into.position();
            if (landings.isEmpty()) {
                takeCopied(into, deadline);
                free.position(into.position());
            } else {
                settle(into, landings.remove(), deadline);
                landMore(free, landings);
            }
            sum.update(into.duplicate().flip().position(start));
        }
    }

    private void landMore(ByteBuffer free, Deque<Landing> landings) {
        while (landings.size() < WINDOW && fits(free)) {
            Landing landing = land(free);
            landings.add(landing);
            free.position(free.position() + landing.bytes());
        }
    }

    /** Waits for bytes; true if there will be none. */
    private boolean ended(Deadline deadline) {
        await(deadline.earlier(Deadline.in(stall)), "nothing came");
        return !copy.hasRemaining() && arrived() == null;
    }

    private @Nullable UcpTagMessage arrived() {
        if (next == null) {
            next = port.probe();
        }
        return next;
    }

    /** Whether a message is there that lands in the buffer. */
    private boolean fits(ByteBuffer into) {
        UcpTagMessage message = copy.hasRemaining() ? null : arrived();
        return message != null
                && into.isDirect()
                && message.getRecvLength() > COPY_BYTES
                && message.getRecvLength() <= into.remaining();
    }

    private Landing land(ByteBuffer into) {
        UcpTagMessage message = take();
        int bytes = (int) message.getRecvLength();
        return new Landing(port.receive(message, into, bytes), bytes);
    }

    private void settle(ByteBuffer into, Landing landing, Deadline deadline) {
        port.await(landing.request(), deadline.earlier(Deadline.in(stall)), "nothing came");
        into.position(into.position() + landing.bytes());
    }

    private void takeCopied(ByteBuffer into, Deadline deadline) {
        if (!copy.hasRemaining()) {
            UcpTagMessage message = take();
            long bytes = message.getRecvLength();
            UcpRequest request = port.receive(message, copy.clear(), copy.capacity());
            copy.limit(0);
            if (bytes > copy.capacity()) {
                throw port.fault(Fault.PROTOCOL, "a message of " + bytes + " bytes");
            }
            port.await(request, deadline.earlier(Deadline.in(stall)), "nothing came");
            copy.limit((int) bytes);
        }
        int bytes = Math.min(copy.remaining(), into.remaining());
        into.put(copy.slice(copy.position(), bytes));
        copy.position(copy.position() + bytes);
    }

    private UcpTagMessage take() {
        UcpTagMessage message = arrived();
        if (message == null) {
            throw new IllegalStateException("no message has come");
        }
        next = null;
        return message;
    }

    /** Lets go what came and nobody read. */
    void discard() {
        while (arrived() != null) {
            port.receive(take(), copy.clear(), copy.capacity());
        }
    }
}
