package io.hfx.d2d.transfer.ucx;

import io.hfx.d2d.transfer.Link;
import io.hfx.d2d.transfer.LinkListener;
import io.hfx.d2d.transfer.LinkTransport;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.TransferException.Fault;
import io.hfx.d2d.transfer.TransferLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Links over UCX, each with a worker and an endpoint of its own. This class loads without jucx, so
 * that it can say that jucx is missing.
 */
public final class UcxTransport implements LinkTransport {
    @Override
    public String name() {
        return "ucx";
    }

    @Override
    public void require() {
        try {
            UcxNode.open(InetAddress.getLoopbackAddress()).release();
        } catch (NoClassDefFoundError e) {
            throw missing("jucx is not on the class path: add the jar org.openucx:jucx", e);
        } catch (UnsatisfiedLinkError e) {
            throw missing("UCX's libraries do not load: install UCX 1.13 or newer (libucx0)", e);
        }
    }

    private static TransferException missing(String what, LinkageError why) {
        return new TransferException(
                Fault.NO_TRANSPORT,
                "the transport ucx cannot be used: " + what + ": " + why.getMessage(),
                why);
    }

    @Override
    public Link connect(InetSocketAddress to, TransferLimits limits) {
        return UcxLink.connect(to, limits);
    }

    @Override
    public LinkListener listen(InetSocketAddress at, Duration stall) {
        return UcxListener.open(at, stall);
    }
}
