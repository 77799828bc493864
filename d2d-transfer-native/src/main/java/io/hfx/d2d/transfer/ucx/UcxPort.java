package io.hfx.d2d.transfer.ucx;

import io.hfx.d2d.transfer.Deadline;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.openucx.jucx.UcxUtils;
import org.openucx.jucx.ucp.UcpEndpoint;
import org.openucx.jucx.ucp.UcpEndpointParams;
import org.openucx.jucx.ucp.UcpRequest;
import org.openucx.jucx.ucp.UcpTagMessage;
import org.openucx.jucx.ucp.UcpWorker;
import org.openucx.jucx.ucs.UcsConstants.STATUS;

/**
 * A worker of UCX with one endpoint: messages to and from one peer, in order. Nothing moves but in
 * {@link #await}: there is no thread behind it. One thread at a time.
 */
final class UcxPort {
    private static final long TAG = 0x48465844; // HFXD
    private static final long ALL_BITS = -1;
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final UcxNode node;
    private final UcpWorker worker;
    private final UcpEndpoint endpoint;
    private final String peer;
    private final BooleanSupplier closed;
    private final Deque<UcpRequest> pending = new ArrayDeque<>();
    private int status = STATUS.UCS_OK;
    private String statusText = "";

    /**
     * Makes worker and endpoint.
     *
     * @param towards whom the endpoint goes to
     * @param closed whether the owner wants waits to end; read in every wait
     */
    UcxPort(UcxNode node, UcpEndpointParams towards, String peer, BooleanSupplier closed) {
        this.node = node;
        this.peer = peer;
        this.closed = closed;
        this.worker = node.worker();
        boolean done = false;
        try {
            towards.setPeerErrorHandlingMode()
                    .setErrorHandler((ep, code, text) -> lost(code, text));
            this.endpoint = worker.newEndpoint(towards);
            done = true;
        } finally {
            if (!done) {
                worker.close();
                node.release();
            }
        }
    }

    private void lost(int code, String text) {
        status = code;
        statusText = text;
    }

    /** Whether the peer is gone; what came from it before may still be received. */
    boolean isLost() {
        return status != STATUS.UCS_OK;
    }

    /** Whether it went by itself, or as a process that ends does. */
    boolean isEnded() {
        return status == STATUS.UCS_ERR_CONNECTION_RESET
                || status == STATUS.UCS_ERR_NOT_CONNECTED
                || status == STATUS.UCS_ERR_REJECTED;
    }

    /** Waits until the peer has taken the endpoint, or refused it. */
    void awaitConnected(Deadline deadline) {
        UcpRequest flushed = endpoint.flushNonBlocking(null);
        pending.add(flushed);
        await(flushed, deadline, "no connection");
    }

    /** Begins to send bytes from where a direct buffer is; they stay until the request ends. */
    UcpRequest send(ByteBuffer from, int bytes) {
        node.register(from);
        UcpRequest request =
                endpoint.sendTaggedNonBlocking(UcxUtils.getAddress(from), bytes, TAG, null);
        pending.add(request);
        return request;
    }

    /** The next message that has begun to come, to be received by whoever asked. */
    @Nullable UcpTagMessage probe() {
        return worker.tagProbeNonBlocking(TAG, ALL_BITS, true);
    }

    /** Begins to receive a message to where a direct buffer is. */
    UcpRequest receive(UcpTagMessage message, ByteBuffer into, int bytes) {
        node.register(into);
        UcpRequest request =
                worker.recvTaggedMessageNonBlocking(
                        UcxUtils.getAddress(into), bytes, message, null);
        pending.add(request);
        return request;
    }

    /**
     * Waits for the end of a request.
     *
     * @throws TransferException {@code CLOSED} if it failed, or the peer is gone
     */
    void await(UcpRequest request, Deadline deadline, String late) {
        await(() -> request.isCompleted() || isLost(), deadline, late);
        if (request.getStatus() != STATUS.UCS_OK) {
            throw failed();
        }
    }

    /** Moves what is under way until the condition holds. */
    void await(BooleanSupplier done, Deadline deadline, String late) {
        Backoff backoff = new Backoff();
        while (!done.getAsBoolean()) {
            if (closed.getAsBoolean()) {
                throw closedHere();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw fault(Fault.CANCELLED, "interrupted");
            }
            if (deadline.passed()) {
                throw fault(Fault.TIMEOUT, late + " in time");
            }
            if (UcxNode.progress(worker)) {
                backoff.reset();
            } else {
                backoff.pause(deadline);
            }
        }
        pending.removeIf(UcpRequest::isCompleted);
    }

    TransferException failed() {
        return fault(
                Fault.CLOSED,
                "the connection ended too early" + (isLost() ? ": " + statusText : ""));
    }

    TransferException closedHere() {
        return fault(Fault.CLOSED, "the link was closed here");
    }

    TransferException fault(Fault fault, String what) {
        return new TransferException(fault, peer + ": " + what);
    }

    /** Ends the endpoint, waits until no request uses memory any more, and lets the worker go. */
    void close() {
        UcpRequest closing = endpoint.closeNonBlockingForce();
        Deadline deadline = Deadline.in(CLOSING);
        Backoff backoff = new Backoff();
        while (!deadline.passed()
                && !(closing.isCompleted() && pending.stream().allMatch(UcpRequest::isCompleted))) {
            if (!UcxNode.progress(worker)) {
                backoff.pause(deadline);
            }
        }
        worker.close();
        node.release();
    }
}
