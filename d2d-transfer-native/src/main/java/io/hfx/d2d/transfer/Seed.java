package io.hfx.d2d.transfer;

import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves an image to joiners that prove the worker key: one thread that accepts, one for each link.
 * Closing it ends all links and waits for their threads, so that the image may be closed after.
 */
public final class Seed implements AutoCloseable {
    /** Links that have not proved the key yet; more are closed at once. */
    private static final int MAX_HANDSHAKES = 32;

    private static final long ACCEPT_PAUSE_NANOS = 100_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(Seed.class);

    private final WorkerKey key;
    private final ImageSource source;
    private final SeedOptions options;
    private final LinkListener listener;
    private final InetSocketAddress address;
    private final ThreadFactory linkThreads;
    private final Thread acceptor;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final AtomicInteger handshakes = new AtomicInteger();
    private final AtomicInteger pulling = new AtomicInteger();
    private final LongAdder sentBytes = new LongAdder();
    private final LongAdder refusedLinks = new LongAdder();
    private volatile boolean closed;

    private Seed(
            WorkerKey key,
            ImageSource source,
            SeedOptions options,
            LinkListener listener,
            ThreadFactory linkThreads) {
        this.key = key;
        this.source = source;
        this.options = options;
        this.listener = listener;
        this.address = listener.address();
        this.linkThreads = linkThreads;
        this.acceptor = new Thread(this::accept, "hfx-seed-" + address.getPort());
        acceptor.setDaemon(true);
    }

    /**
     * Begins to serve.
     *
     * @throws TransferException {@code CONNECT} if the address cannot be listened at
     */
    public static Seed open(WorkerKey key, ImageSource source, SeedOptions options) {
        return open(key, source, options, Thread::new);
    }

    /** As above, with the threads of the links from elsewhere. */
    static Seed open(
            WorkerKey key, ImageSource source, SeedOptions options, ThreadFactory linkThreads) {
        LinkListener listener =
                options.transport().listen(options.bind(), options.limits().stall());
        boolean done = false;
        try {
            Seed seed = new Seed(key, source, options, listener, linkThreads);
            seed.acceptor.start();
            done = true;
            return seed;
        } finally {
            if (!done) {
                listener.close();
            }
        }
    }

    /** Where joiners find it, with the port that was taken. */
    public InetSocketAddress address() {
        return address;
    }

    /** Links that have joined and not ended. */
    public int links() {
        return pulling.get();
    }

    /** Bytes of chunks sent, counted piece by piece. */
    public long sentBytes() {
        return sentBytes.sum();
    }

    /** Links that ended by a refusal or a failure, of either side. */
    public long refusedLinks() {
        return refusedLinks.sum();
    }

    private void accept() {
        while (!closed) {
            try {
                serve(listener.accept());
            } catch (TransferException | OutOfMemoryError e) {
                if (!closed) {
                    // Out of descriptors, memory or threads, which may pass: not in a spin.
                    LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
                }
            }
        }
    }

    private void serve(Link link) {
        boolean started = false;
        try {
            if (handshakes.incrementAndGet() <= MAX_HANDSHAKES) {
                start(link);
                started = true;
            }
        } finally {
            if (!started) {
                handshakes.decrementAndGet();
                refusedLinks.increment();
                links.remove(link);
                link.close();
            }
        }
    }

    private void start(Link link) {
        threads.removeIf(thread -> !thread.isAlive());
        links.add(link);
        Thread thread = linkThreads.newThread(() -> run(link));
        thread.setName(acceptor.getName() + "-link");
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    private void run(Link link) {
        try {
            join(link, prove(link));
        } catch (TransferException e) {
            refusedLinks.increment(); // the joiner knows why: it was told, or it went away itself
        } catch (RuntimeException e) {
            refusedLinks.increment();
            LOG.warn("the link to {} failed", link.peer(), e);
        } finally {
            link.close();
            links.remove(link);
        }
    }

    private Session prove(Link link) {
        try {
            return Handshake.asSeed(link, key, Deadline.in(options.limits().handshake()));
        } finally {
            handshakes.decrementAndGet();
        }
    }

    private void join(Link link, Session session) {
        SeedLink serving = new SeedLink(link, session, source, options, sentBytes);
        if (pulling.incrementAndGet() > options.maxLinks()) {
            pulling.decrementAndGet();
            throw serving.refuse(Fault.BUSY, "all of its links are taken");
        }
        try {
            serving.run();
        } finally {
            pulling.decrementAndGet();
        }
    }

    /**
     * Ends all links and waits until no thread of this seed runs. Those that wait for the source
     * are interrupted.
     */
    @Override
    public void close() {
        closed = true;
        listener.close();
        join(acceptor);
        links.forEach(Link::close);
        threads.forEach(Thread::interrupt);
        threads.forEach(Seed::join);
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
