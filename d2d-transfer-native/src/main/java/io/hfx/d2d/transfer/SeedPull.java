package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a clone does with one seed: a first link on the clone's thread agrees on the image, then
 * further ones on threads of their own share the chunks with it, until the image is whole or all
 * links have ended. Any thread may stop it.
 */
final class SeedPull {
    private final LinkTransport transport;
    private final WorkerKey key;
    private final PartialImage image;
    private final int linkCount;
    private final TransferLimits limits;
    private final CloneListener listener;
    private final InetSocketAddress seed;
    private final Wanted wanted;
    private final Deadline deadline;
    private final Object listening = new Object();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final List<Thread> helpers = new ArrayList<>();
    private final AtomicReference<TransferException> firstFailure = new AtomicReference<>();
    private volatile boolean stopped;

    SeedPull(
            LinkTransport transport,
            WorkerKey key,
            PartialImage image,
            int linkCount,
            TransferLimits limits,
            CloneListener listener,
            InetSocketAddress seed,
            Wanted wanted,
            Deadline deadline) {
        this.transport = transport;
        this.key = key;
        this.image = image;
        this.linkCount = linkCount;
        this.limits = limits;
        this.listener = listener;
        this.seed = seed;
        this.wanted = wanted;
        this.deadline = deadline;
    }

    /**
     * Pulls over all links, once; returns why that ended, to no avail if all chunks came. No link
     * is open and no thread of it runs when this returns or throws.
     */
    TransferException run() {
        boolean ended = false;
        try {
            pullOver(this::agree);
            ended = !Thread.currentThread().isInterrupted();
        } finally {
            if (!ended) {
                stop(); // this thread gives up, so the others must not go on
            }
            helpers.forEach(this::await);
        }
        TransferException why = firstFailure.get();
        return why != null ? why : new TransferException(Fault.CLOSED, seed + ": ended too early");
    }

    /** Ends all links, those that only connect now too. */
    void stop() {
        stopped = true;
        links.forEach(Link::close);
    }

    /** Agrees with the seed on the image. */
    @FunctionalInterface
    private interface Joining {
        ImageManifest join(Link link, Session session);
    }

    /** One link from connect to close; notes why it failed, if nothing failed before it. */
    private void pullOver(Joining joining) {
        try (Link link = transport.connect(seed, limits)) {
            links.add(link);
            try {
                if (stopped) {
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
            firstFailure.compareAndSet(null, e);
        } catch (RuntimeException e) {
            firstFailure.compareAndSet(
                    null, new TransferException(Fault.PROTOCOL, seed + ": failed: " + e, e));
        }
    }

    /** The first link's part, which the others wait for. */
    private ImageManifest agree(Link link, Session session) {
        String begun = image.manifestHash();
        Wanted exact = begun == null ? wanted : new Wanted(wanted.key(), begun);
        Deadline until = Deadline.in(limits.chunk()).earlier(deadline);
        ImageManifest manifest = Introduction.of(link, session, exact, until).manifest();
        wanted.check(link.peer(), manifest);
        image.begin(manifest);
        synchronized (listening) {
            listener.joined(seed, manifest);
        }
        for (int i = 1; i < linkCount; i++) {
            help(manifest);
        }
        return manifest;
    }

    private void help(ImageManifest manifest) {
        Join join = new Join(false, new Wanted(manifest.key(), manifest.hash()));
        Joining joining =
                (link, session) -> {
                    ask(link, session, join);
                    return manifest;
                };
        Thread helper = new Thread(() -> pullOver(joining), "hfx-clone-link");
        helper.setDaemon(true);
        helper.start();
        helpers.add(helper);
    }

    private void ask(Link link, Session session, Join join) {
        Deadline until = Deadline.in(limits.chunk()).earlier(deadline);
        link.write(Frames.of(Frames.Type.JOIN, join.encode()), until);
        Ack.read(link, session, until);
    }

    private void progressed() {
        synchronized (listening) {
            listener.progressed(image.progress());
        }
    }

    private void await(Thread helper) {
        boolean interrupted = false;
        while (helper.isAlive()) {
            try {
                helper.join();
            } catch (InterruptedException e) {
                interrupted = true;
                stop();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
