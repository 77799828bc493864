package io.hfx.d2d.transfer.ucx;

import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.openucx.jucx.NativeLibs;
import org.openucx.jucx.UcxException;
import org.openucx.jucx.UcxUtils;
import org.openucx.jucx.ucp.UcpConstants;
import org.openucx.jucx.ucp.UcpContext;
import org.openucx.jucx.ucp.UcpMemMapParams;
import org.openucx.jucx.ucp.UcpMemory;
import org.openucx.jucx.ucp.UcpParams;
import org.openucx.jucx.ucp.UcpWorker;
import org.openucx.jucx.ucp.UcpWorkerParams;

/**
 * A context of UCX with the memory that is registered with it. A listener shares one with its
 * links; a link that was connected has its own. It goes with the last of its users. Any thread.
 */
final class UcxNode {
    /** Messages from here on are fetched into place by the receiver, not copied on the way. */
    static final int RENDEZVOUS_BYTES = 64 << 10;

    private final UcpContext context;
    private final Map<Region, Optional<UcpMemory>> registered = new HashMap<>();
    private int users = 1;

    /** Memory of a direct buffer, from the first to the last byte of its capacity. */
    private record Region(long address, int bytes) {}

    private UcxNode(UcpContext context) {
        this.context = context;
    }

    /**
     * Makes a context, with one user.
     *
     * @param near an address of the peers, or of this side
     * @throws TransferException {@code NO_TRANSPORT} if UCX finds nothing that it can use
     * @throws LinkageError if jucx or UCX is not there
     */
    static UcxNode open(InetAddress near) {
        NativeLibs.load();
        UcpParams params =
                new UcpParams().requestTagFeature().requestWakeupFeature().setMtWorkersShared(true);
        configure(params, "RNDV_THRESH", Integer.toString(RENDEZVOUS_BYTES));
        if (near.isLoopbackAddress()) {
            configure(params, "NET_DEVICES", nameOf(near)); // or workers listen on all networks
        }
        try {
            return new UcxNode(new UcpContext(params));
        } catch (UcxException e) {
            throw new TransferException(
                    Fault.NO_TRANSPORT, "UCX cannot be used here: " + e.getMessage(), e);
        }
    }

    /** The operator's own word in the environment comes first. */
    private static void configure(UcpParams params, String key, String value) {
        if (System.getenv("UCX_" + key) == null) {
            params.setConfig(key, value);
        }
    }

    private static String nameOf(InetAddress loopback) {
        try {
            NetworkInterface device = NetworkInterface.getByInetAddress(loopback);
            return device == null ? "lo" : device.getName();
        } catch (SocketException e) {
            return "lo";
        }
    }

    /** A worker; whoever closes it releases this node then. */
    synchronized UcpWorker worker() {
        UcpWorker worker = context.newWorker(new UcpWorkerParams().requestThreadSafety());
        users++;
        return worker;
    }

    /** Moves what is under way on a worker; whether anything did move. */
    static boolean progress(UcpWorker worker) {
        try {
            return worker.progress() > 0;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new UcxException(e.getMessage());
        }
    }

    /**
     * Registers a large direct buffer's memory when it is first seen, until the node goes: what UCX
     * then needs for a part of it, its cache of registrations has. Memory that cannot be registered
     * costs speed only.
     */
    synchronized void register(ByteBuffer buffer) {
        if (buffer.capacity() >= RENDEZVOUS_BYTES) {
            long address = UcxUtils.getAddress(buffer.duplicate().position(0));
            registered.computeIfAbsent(
                    new Region(address, buffer.capacity()),
                    region -> map(region, buffer.isReadOnly()));
        }
    }

    private Optional<UcpMemory> map(Region region, boolean readOnly) {
        UcpMemMapParams params =
                new UcpMemMapParams().setAddress(region.address()).setLength(region.bytes());
        if (readOnly) {
            params.setProtection(
                    UcpConstants.UCP_MEM_MAP_PROT_LOCAL_READ
                            | UcpConstants.UCP_MEM_MAP_PROT_REMOTE_READ);
        }
        try {
            return Optional.of(context.memoryMap(params));
        } catch (UcxException e) {
            return Optional.empty();
        }
    }

    /** One user less. */
    synchronized void release() {
        if (--users == 0) {
            registered.values().forEach(memory -> memory.ifPresent(UcpMemory::deregister));
            context.close();
        }
    }
}
