package io.hfx.d2d.transfer;

import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * What carries links. TCP is always there; others are found by {@link ServiceLoader} when they are
 * asked for, so that nobody else loads a class of theirs. Any thread.
 */
public interface LinkTransport {
    /** Plain TCP. */
    LinkTransport TCP = new TcpTransport();

    /** As the configuration writes it. */
    String name();

    /**
     * Fails unless this process can use it.
     *
     * @throws TransferException {@code NO_TRANSPORT} that names what is missing
     */
    void require();

    /**
     * Connects within {@link TransferLimits#connect}.
     *
     * @throws TransferException {@code CONNECT} if nobody listens there
     */
    Link connect(InetSocketAddress to, TransferLimits limits);

    /**
     * Begins to listen.
     *
     * @param at port 0 takes a free one
     * @param stall of the links, see {@link TransferLimits#stall}
     * @throws TransferException {@code CONNECT} if the address cannot be listened at
     */
    LinkListener listen(InetSocketAddress at, Duration stall);

    /**
     * The transport of a name, which this process can use.
     *
     * @throws TransferException {@code NO_TRANSPORT} if there is none, or something is missing
     */
    static LinkTransport of(String name) {
        if (name.equals(TCP.name())) {
            return TCP;
        }
        try {
            ClassLoader own = LinkTransport.class.getClassLoader();
            for (LinkTransport found : ServiceLoader.load(LinkTransport.class, own)) {
                if (found.name().equals(name)) {
                    found.require();
                    return found;
                }
            }
        } catch (ServiceConfigurationError e) {
            throw new TransferException(
                    Fault.NO_TRANSPORT, "a transport cannot be loaded: " + e.getMessage(), e);
        }
        throw new TransferException(Fault.NO_TRANSPORT, "there is no transport " + name);
    }
}
