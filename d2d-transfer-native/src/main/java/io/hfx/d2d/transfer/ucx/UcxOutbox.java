package io.hfx.d2d.transfer.ucx;

import io.hfx.d2d.transfer.Deadline;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.openucx.jucx.ucp.UcpRequest;

/** Sends bytes as messages, some of them under way at a time. One thread at a time. */
final class UcxOutbox {
    /** Largest message. */
    private static final int PIECE_BYTES = 1 << 20;

    /** Messages under way at a time. */
    private static final int WINDOW = 4;

    private final UcxPort port;
    private final Duration stall;
    private final ByteBuffer copy = ByteBuffer.allocateDirect(UcxInbox.COPY_BYTES);
    private final Deque<UcpRequest> sending = new ArrayDeque<>();

    UcxOutbox(UcxPort port, Duration stall) {
        this.port = port;
        this.stall = stall;
    }

    /** As {@link io.hfx.d2d.transfer.Link#write}. */
    void write(ByteBuffer from, Deadline deadline) {
        while (from.hasRemaining()) {
            if (from.isDirect()) {
                int bytes = Math.min(from.remaining(), PIECE_BYTES);
                sending.add(port.send(from, bytes));
                from.position(from.position() + bytes);
                awaitAtMost(WINDOW - 1, deadline);
            } else {
                copied(from, deadline);
            }
        }
    }

    private void copied(ByteBuffer from, Deadline deadline) {
        awaitAtMost(0, deadline); // the last copy has gone
        int bytes = Math.min(from.remaining(), copy.capacity());
        copy.clear().put(from.slice(from.position(), bytes)).flip();
        from.position(from.position() + bytes);
        sending.add(port.send(copy, bytes));
        awaitAtMost(0, deadline);
    }

    void flush(Deadline deadline) {
        awaitAtMost(0, deadline);
    }

    private void awaitAtMost(int count, Deadline deadline) {
        while (sending.size() > count) {
            UcpRequest oldest = sending.element();
            port.await(oldest, deadline.earlier(Deadline.in(stall)), "nothing was taken");
            sending.remove();
        }
    }
}
