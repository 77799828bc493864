package io.hfx.benchmarks.clone;

import io.hfx.benchmarks.clone.Figure.Clock;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.transfer.CloneListener;
import io.hfx.d2d.transfer.FanOut;
import io.hfx.d2d.transfer.ImageClone;
import io.hfx.d2d.transfer.Pacer;
import io.hfx.d2d.transfer.PartialImage;
import io.hfx.d2d.transfer.Seed;
import io.hfx.d2d.transfer.SeedOptions;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.TransferLimits;
import io.hfx.d2d.transfer.Wanted;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * To several receivers at a time, while every node's egress is paced. The receivers live in this
 * process, each with memory, a relaying seed and a pacer of its own, and one link each.
 */
final class FanOutWays {
    private final Joiner joiner;
    private final List<Integer> receivers;
    private final long bytesPerSecond;

    FanOutWays(Joiner joiner, List<Integer> receivers, long bytesPerSecond) {
        this.joiner = joiner;
        this.receivers = receivers;
        this.bytesPerSecond = bytesPerSecond;
    }

    List<Way> all() {
        List<Way> ways = new ArrayList<>();
        for (int count : receivers) {
            if (count == 1) {
                ways.add(new Way("paced-1", () -> measure(FanOut.choose(1), 1)));
                continue;
            }
            for (FanOut fanOut : FanOut.values()) {
                String name = fanOut.name().toLowerCase(Locale.ROOT);
                ways.add(new Way("paced-" + name + "-" + count, () -> measure(fanOut, count)));
            }
        }
        return ways;
    }

    private Clock measure(FanOut fanOut, int count) throws Exception {
        joiner.peer.pace(bytesPerSecond);
        List<PartialImage> parts = new ArrayList<>();
        List<Seed> relays = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            for (int i = 0; i < count; i++) {
                DeviceMemory target = joiner.spoilt(i);
                parts.add(new PartialImage(segments -> new HostImageMemory(target)));
                SeedOptions paced = SeedOptions.loopback().withPacer(new Pacer(bytesPerSecond));
                relays.add(Seed.open(joiner.peer.key(), parts.get(i), paced));
            }
            List<InetSocketAddress> addresses = relays.stream().map(Seed::address).toList();
            Clock clock = new Clock();
            return clock.time(
                    Figure.WEIGHTS,
                    () -> {
                        List<Future<?>> clones = new ArrayList<>();
                        for (int i = 0; i < count; i++) {
                            PartialImage part = parts.get(i);
                            List<InetSocketAddress> seeds =
                                    fanOut.seedsOf(i, joiner.peer.seed(), addresses);
                            clones.add(threads.submit(() -> clone(part, seeds)));
                        }
                        for (Future<?> clone : clones) {
                            clone.get();
                        }
                    });
        } finally {
            relays.forEach(Seed::close);
            threads.shutdownNow();
            joiner.peer.pace(Pacer.UNLIMITED);
        }
    }

    private void clone(PartialImage part, List<InetSocketAddress> seeds) {
        CloneListener strict =
                new CloneListener() {
                    @Override
                    public void lost(InetSocketAddress seed, TransferException why) {
                        throw new IllegalStateException("not the fan-out that was asked for", why);
                    }
                };
        try (ImageClone clone =
                new ImageClone(joiner.peer.key(), part, 1, TransferLimits.DEFAULT, strict)) {
            clone.run(seeds, Wanted.of(joiner.manifest.key()));
        }
    }
}
