package io.hfx.d2d.transfer.ucx;

import io.hfx.d2d.transfer.Link;
import io.hfx.d2d.transfer.LinkListener;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.openucx.jucx.UcxException;
import org.openucx.jucx.ucp.UcpConnectionRequest;
import org.openucx.jucx.ucp.UcpListener;
import org.openucx.jucx.ucp.UcpListenerParams;
import org.openucx.jucx.ucp.UcpWorker;

/** A listener of UCX with a worker of its own, which sleeps until somebody connects. */
final class UcxListener implements LinkListener {
    private final UcxNode node;
    private final UcpWorker worker;
    private final UcpListener listener;
    private final Duration stall;
    private final Deque<UcpConnectionRequest> arrivals = new ArrayDeque<>();

    /** Whoever uses the worker has it; a close wakes it and waits for it. */
    private final ReentrantLock turn = new ReentrantLock();

    private final AtomicBoolean closed = new AtomicBoolean();

    private UcxListener(UcxNode node, UcpWorker worker, InetSocketAddress at, Duration stall) {
        this.node = node;
        this.worker = worker;
        this.stall = stall;
        this.listener =
                worker.newListener(
                        new UcpListenerParams()
                                .setSockAddr(at)
                                .setConnectionHandler(arrivals::add));
    }

    static UcxListener open(InetSocketAddress at, Duration stall) {
        UcxNode node = UcxNode.open(at.getAddress());
        UcpWorker worker = null;
        boolean done = false;
        try {
            worker = node.worker();
            UcxListener listener = new UcxListener(node, worker, at, stall);
            done = true;
            return listener;
        } catch (UcxException e) {
            throw new TransferException(
                    Fault.CONNECT, "cannot listen at " + at + ": " + e.getMessage(), e);
        } finally {
            if (!done && worker != null) {
                worker.close();
                node.release();
            }
            node.release(); // the worker holds it
        }
    }

    @Override
    public InetSocketAddress address() {
        return listener.getAddress();
    }

    @Override
    public Link accept() {
        turn.lock();
        try {
            UcpConnectionRequest request = next();
            return UcxLink.accept(node, request, stall);
        } catch (UcxException e) {
            throw new TransferException(Fault.CONNECT, "no link came: " + e.getMessage(), e);
        } finally {
            turn.unlock();
        }
    }

    private UcpConnectionRequest next() {
        while (!closed.get()) {
            UcpConnectionRequest request = arrivals.poll();
            if (request != null) {
                return request;
            }
            if (!UcxNode.progress(worker)) {
                worker.waitForEvents();
            }
        }
        throw new TransferException(Fault.CONNECT, "the listener is closed");
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        worker.signal();
        turn.lock();
        try {
            arrivals.forEach(UcpConnectionRequest::reject);
            listener.close();
            worker.close();
            node.release();
        } finally {
            turn.unlock();
        }
    }
}
