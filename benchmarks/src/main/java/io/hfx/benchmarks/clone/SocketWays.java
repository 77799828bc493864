package io.hfx.benchmarks.clone;

import io.hfx.benchmarks.clone.Figure.Clock;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.transfer.CloneListener;
import io.hfx.d2d.transfer.ImageClone;
import io.hfx.d2d.transfer.LinkTransport;
import io.hfx.d2d.transfer.PartialImage;
import io.hfx.d2d.transfer.TransferLimits;
import io.hfx.d2d.transfer.Wanted;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** On the loopback: clones over TCP and UCX, and what plain sockets make of the same bytes. */
final class SocketWays {
    private static final int WIDE_BYTES = 4 << 20;

    private final Joiner joiner;
    private final List<Integer> links;

    SocketWays(Joiner joiner, List<Integer> links) {
        this.joiner = joiner;
        this.links = links;
    }

    List<Way> all() {
        List<Way> ways = new ArrayList<>();
        for (int count : links) {
            ways.add(new Way("raw-" + count, () -> raw(count, 0)));
            InetSocketAddress seed = joiner.peer.seed();
            ways.add(new Way("tcp-" + count, () -> clone(LinkTransport.TCP, seed, count)));
            joiner.peer
                    .ucx()
                    .ifPresent(
                            ucx ->
                                    ways.add(
                                            new Way(
                                                    "ucx-" + count,
                                                    () ->
                                                            clone(
                                                                    LinkTransport.of("ucx"),
                                                                    ucx,
                                                                    count))));
        }
        ways.add(new Way("raw-1-wide", () -> raw(1, WIDE_BYTES)));
        return ways;
    }

    /** From the first connection to the last chunk verified. */
    private Clock clone(LinkTransport transport, InetSocketAddress seed, int linkCount)
            throws Exception {
        DeviceMemory target = joiner.spoilt(0);
        PartialImage part = new PartialImage(segments -> new HostImageMemory(target));
        try (ImageClone clone =
                new ImageClone(
                        transport,
                        joiner.peer.key(),
                        part,
                        linkCount,
                        TransferLimits.DEFAULT,
                        CloneListener.NONE)) {
            return new Clock()
                    .time(
                            Figure.WEIGHTS,
                            () -> clone.run(List.of(seed), Wanted.of(joiner.manifest.key())));
        }
    }

    private Clock raw(int connections, int bufferBytes) throws Exception {
        DeviceMemory target = joiner.spoilt(0);
        List<IOException> failures = new ArrayList<>();
        Clock clock =
                new Clock()
                        .time(
                                Figure.WEIGHTS,
                                () -> pullAll(target, connections, bufferBytes, failures))
                        .time(Figure.VERIFY, () -> joiner.verify(target));
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        return clock;
    }

    private void pullAll(
            DeviceMemory target, int connections, int bufferBytes, List<IOException> failures)
            throws InterruptedException {
        long share = joiner.bytes / connections;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            long from = i * share;
            long to = i == connections - 1 ? joiner.bytes : from + share;
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    pull(new HostImageMemory(target), from, to, bufferBytes);
                                } catch (IOException e) {
                                    synchronized (failures) {
                                        failures.add(e);
                                    }
                                }
                            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void pull(HostImageMemory into, long from, long to, int bufferBytes)
            throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            if (bufferBytes > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, bufferBytes);
            }
            channel.connect(joiner.peer.raw());
            ByteBuffer request = ByteBuffer.allocate(RawServer.REQUEST_BYTES);
            request.putLong(from).putLong(to - from).putInt(bufferBytes).flip();
            while (request.hasRemaining()) {
                channel.write(request);
            }
            for (long at = from; at < to; ) {
                int room = (int) Math.min(RawServer.PIECE_BYTES, to - at);
                int count = channel.read(into.slice(at, room));
                if (count < 0) {
                    throw new EOFException("the raw socket ended at byte " + at);
                }
                at += count;
            }
        }
    }
}
