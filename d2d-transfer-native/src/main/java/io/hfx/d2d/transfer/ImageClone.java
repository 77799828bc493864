package io.hfx.d2d.transfer;

import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fills a partial image from seeds, one seed after the other until it is whole, over several links
 * that share the chunks. The image is handed out when every chunk is verified. Any thread may close
 * it, which ends the run under way; so does an interrupt of the run's thread.
 */
public final class ImageClone implements AutoCloseable {
    private static final int MAX_LINKS = 64;

    private final LinkTransport transport;
    private final WorkerKey key;
    private final PartialImage image;
    private final int linksPerSeed;
    private final TransferLimits limits;
    private final CloneListener listener;
    private volatile @Nullable SeedPull current;
    private volatile boolean closed;

    /** As below, over TCP. */
    public ImageClone(
            WorkerKey key,
            PartialImage image,
            int linksPerSeed,
            TransferLimits limits,
            CloneListener listener) {
        this(LinkTransport.TCP, key, image, linksPerSeed, limits, listener);
    }

    /**
     * Makes a clone that has not begun.
     *
     * @param transport that carries the links, the same as the seeds'
     * @param linksPerSeed 1 to 64
     */
    public ImageClone(
            LinkTransport transport,
            WorkerKey key,
            PartialImage image,
            int linksPerSeed,
            TransferLimits limits,
            CloneListener listener) {
        if (linksPerSeed < 1 || linksPerSeed > MAX_LINKS) {
            throw new IllegalArgumentException(
                    "linksPerSeed is " + linksPerSeed + "; allowed: 1 to " + MAX_LINKS);
        }
        this.transport = transport;
        this.key = key;
        this.image = image;
        this.linksPerSeed = linksPerSeed;
        this.limits = limits;
        this.listener = listener;
    }

    /**
     * Pulls what the image lacks, on this thread and others, and hands the image out. When it
     * returns or throws, none of its threads touches the image any more.
     *
     * @param seeds in the order to try them
     * @throws TransferException if no seed gave the rest; the partial image keeps what it has, and
     *     a later run goes on from there
     */
    public TensorImage run(List<InetSocketAddress> seeds, Wanted wanted) {
        image.resume();
        try {
            return pull(seeds, wanted);
        } catch (TransferException e) {
            image.stop(e);
            throw e;
        } catch (RuntimeException | Error e) {
            image.stop(new TransferException(Fault.CANCELLED, "the clone failed: " + e, e));
            throw e;
        }
    }

    private TensorImage pull(List<InetSocketAddress> seeds, Wanted wanted) {
        Deadline deadline = Deadline.in(limits.whole());
        StringBuilder reasons = new StringBuilder("no seed gave the whole image");
        for (InetSocketAddress seed : seeds) {
            SeedPull pull =
                    new SeedPull(
                            transport,
                            key,
                            image,
                            linksPerSeed,
                            limits,
                            listener,
                            seed,
                            wanted,
                            deadline);
            current = pull;
            if (closed) {
                pull.stop();
            }
            TransferException why = pull.run();
            if (image.complete()) {
                return image.handOut();
            }
            checkEnded(why, deadline);
            listener.lost(seed, why);
            reasons.append("; ").append(why.getMessage());
        }
        throw new TransferException(Fault.NO_SEED, reasons.toString());
    }

    /** Ends the run where the next seed would not help. */
    private void checkEnded(TransferException why, Deadline deadline) {
        if (closed || why.fault() == Fault.CANCELLED || Thread.currentThread().isInterrupted()) {
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

    /** Ends the run under way, which then fails as {@code CANCELLED}. */
    @Override
    public void close() {
        closed = true;
        SeedPull pull = current;
        if (pull != null) {
            pull.stop();
        }
    }
}
