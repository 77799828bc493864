package io.hfx.d2d.transfer;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * How a seed serves.
 *
 * @param bind address to listen at; port 0 takes a free one
 * @param maxLinks links that may pull at a time, 1 to 1,024; more are refused as {@code BUSY}
 * @param pacer of all its links together
 * @param transport that carries them
 */
public record SeedOptions(
        InetSocketAddress bind,
        int maxLinks,
        TransferLimits limits,
        Pacer pacer,
        LinkTransport transport) {
    private static final int MAX_LINKS = 1024;

    /** Checks the number of links. */
    public SeedOptions {
        if (maxLinks < 1 || maxLinks > MAX_LINKS) {
            throw new IllegalArgumentException(
                    "maxLinks is " + maxLinks + "; allowed: 1 to " + MAX_LINKS);
        }
    }

    /** A free port of the loopback address, 64 links, no pacing, TCP. */
    public static SeedOptions loopback() {
        return new SeedOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                64,
                TransferLimits.DEFAULT,
                new Pacer(Pacer.UNLIMITED),
                LinkTransport.TCP);
    }

    public SeedOptions withBind(InetSocketAddress other) {
        return new SeedOptions(other, maxLinks, limits, pacer, transport);
    }

    public SeedOptions withMaxLinks(int other) {
        return new SeedOptions(bind, other, limits, pacer, transport);
    }

    public SeedOptions withLimits(TransferLimits other) {
        return new SeedOptions(bind, maxLinks, other, pacer, transport);
    }

    public SeedOptions withPacer(Pacer other) {
        return new SeedOptions(bind, maxLinks, limits, other, transport);
    }

    public SeedOptions withTransport(LinkTransport other) {
        return new SeedOptions(bind, maxLinks, limits, pacer, other);
    }
}
