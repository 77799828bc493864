package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Fills a partial image from seeds, one seed after the other until it is whole, over several links
 * that share the chunks. Nothing of the image is handed out before every chunk is verified. Any
 * thread may close it, which ends the run under way.
 */
public final class ImageClone implements AutoCloseable {
    private static final int MAX_LINKS = 64;

    private final WorkerKey key;
    private final PartialImage image;
    private final int linksPerSeed;
    private final TransferLimits limits;
    private final CloneListener listener;
    private final Object listening = new Object();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Makes a clone that has not begun.
     *
     * @param linksPerSeed 1 to 64
     */
    public ImageClone(
            WorkerKey key,
            PartialImage image,
            int linksPerSeed,
            TransferLimits limits,
            CloneListener listener) {
        if (linksPerSeed < 1 || linksPerSeed > MAX_LINKS) {
            throw new IllegalArgumentException(
                    "linksPerSeed is " + linksPerSeed + "; allowed: 1 to " + MAX_LINKS);
        }
        this.key = key;
        this.image = image;
        this.linksPerSeed = linksPerSeed;
        this.limits = limits;
        this.listener = listener;
    }

    /**
     * Pulls what the image lacks, on this thread and others, and hands the image out.
     *
     * @param seeds in the order to try them
     * @throws TransferException if no seed gave the rest; the partial image keeps what it has, and
     *     a later run goes on from there
     */
    public TensorImage run(List<InetSocketAddress> seeds, Wanted wanted) {
        Deadline deadline = Deadline.in(limits.whole());
        image.resume();
        StringBuilder reasons = new StringBuilder("no seed gave the whole image");
        try {
            for (InetSocketAddress seed : seeds) {
                TransferException why = pull(seed, wanted, deadline);
                if (image.complete()) {
                    return image.handOut();
                }
                checkEnded(why, deadline);
                synchronized (listening) {
                    listener.lost(seed, why);
                }
                reasons.append("; ").append(why.getMessage());
            }
            throw new TransferException(Fault.NO_SEED, reasons.toString());
        } finally {
            image.stop();
        }
    }

    /** Ends the run where the next seed would not help. */
    private void checkEnded(TransferException why, Deadline deadline) {
        if (closed || why.fault() == Fault.CANCELLED) {
            throw new TransferException(Fault.CANCELLED, "the clone was cancelled", why);
        }
        if (deadline.passed()) {
            throw new TransferException(
                    Fault.TIMEOUT, "the clone took longer than " + limits.whole(), why);
        }
        if (why.fault() == Fault.NO_MEMORY) {
            throw why;
        }
    }

    /**
     * Pulls from one seed over all links; returns why that ended, to no avail if all chunks came.
     */
    private TransferException pull(InetSocketAddress seed, Wanted wanted, Deadline deadline) {
        AtomicReference<TransferException> first = new AtomicReference<>();
        List<Thread> helpers = new ArrayList<>();
        pullOver(
                seed,
                first,
                (link, session) -> {
                    ImageManifest manifest = join(link, session, wanted, deadline);
                    synchronized (listening) {
                        listener.joined(seed, manifest);
                    }
                    for (int i = 1; i < linksPerSeed; i++) {
                        helpers.add(help(seed, first, manifest, deadline));
                    }
                    return manifest;
                },
                deadline);
        for (Thread helper : helpers) {
            await(helper);
        }
        TransferException why = first.get();
        return why != null ? why : new TransferException(Fault.CLOSED, seed + ": ended too early");
    }

    private Thread help(
            InetSocketAddress seed,
            AtomicReference<TransferException> first,
            ImageManifest manifest,
            Deadline deadline) {
        Wanted same = new Wanted(manifest.key(), manifest.hash());
        Thread helper =
                new Thread(
                        () ->
                                pullOver(
                                        seed,
                                        first,
                                        (link, session) -> {
                                            ask(link, session, new Join(false, same), deadline);
                                            return manifest;
                                        },
                                        deadline),
                        "hfx-clone-link");
        helper.setDaemon(true);
        helper.start();
        return helper;
    }

    /** Agrees with a seed on the image. */
    @FunctionalInterface
    private interface Joining {
        ImageManifest join(Link link, Session session);
    }

    /** One link from connect to close; notes why it failed, if nothing failed before it. */
    private void pullOver(
            InetSocketAddress seed,
            AtomicReference<TransferException> first,
            Joining joining,
            Deadline deadline) {
        try (Link link = Link.connect(seed, limits)) {
            links.add(link);
            try {
                if (closed) {
                    throw new TransferException(Fault.CANCELLED, "the clone was cancelled");
                }
                Deadline proving = Deadline.in(limits.handshake()).earlier(deadline);
                Session session = Handshake.asJoiner(link, key, proving);
                ImageManifest manifest = joining.join(link, session);
                new ChunkPull(link, image, manifest, limits, deadline, this::progressed).run();
            } finally {
                links.remove(link);
            }
        } catch (TransferException e) {
            first.compareAndSet(null, e);
        } catch (RuntimeException e) {
            first.compareAndSet(
                    null, new TransferException(Fault.PROTOCOL, seed + ": failed: " + e, e));
        }
    }

    private ImageManifest join(Link link, Session session, Wanted wanted, Deadline deadline) {
        String begun = image.manifestHash();
        Wanted exact = begun == null ? wanted : new Wanted(wanted.key(), begun);
        Deadline until = Deadline.in(limits.chunk()).earlier(deadline);
        ImageManifest manifest = Introduction.of(link, session, exact, until).manifest();
        wanted.check(link.peer(), manifest);
        image.begin(manifest);
        return manifest;
    }

    private void ask(Link link, Session session, Join join, Deadline deadline) {
        Deadline until = Deadline.in(limits.chunk()).earlier(deadline);
        link.write(Frames.of(Frames.Type.JOIN, join.encode()), until);
        Ack.read(link, session, until);
    }

    private void progressed() {
        synchronized (listening) {
            listener.progressed(image.progress());
        }
    }

    private static void await(Thread helper) {
        boolean interrupted = false;
        while (helper.isAlive()) {
            try {
                helper.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the run under way, which then fails as {@code CANCELLED}. */
    @Override
    public void close() {
        closed = true;
        links.forEach(Link::close);
    }
}
