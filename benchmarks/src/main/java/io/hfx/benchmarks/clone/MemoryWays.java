package io.hfx.benchmarks.clone;

import io.hfx.benchmarks.clone.Figure.Clock;
import io.hfx.d2d.device.CopyJob;
import io.hfx.d2d.device.DeviceMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Within the process, and from memory that the peer shares. */
final class MemoryWays {
    private static final Duration LONG = Duration.ofMinutes(5);

    /** Of the own memories: the target, and where a whole image is to be copied from. */
    private static final int TARGET = 0;

    private static final int SOURCE = 1;

    private final Joiner joiner;

    MemoryWays(Joiner joiner) {
        this.joiner = joiner;
    }

    /** Lanes of a copy; one lane copies all of it by one call of the C library's memcpy. */
    private record Lanes(int count) {
        CopyJob.Options options(long bytes) {
            return count == 1
                    ? new CopyJob.Options(bytes, 1)
                    : new CopyJob.Options(CopyJob.Options.DEFAULT.chunkBytes(), count);
        }
    }

    List<Way> all() throws Exception {
        List<Way> ways = new ArrayList<>();
        ways.add(new Way("allocate", () -> allocate(false)));
        ways.add(new Way("allocate-shareable", () -> allocate(true)));
        try (DeviceMemory there = joiner.host.attach(joiner.peer.offer(), LONG)) {
            copy(there, joiner.target(SOURCE), new Lanes(2));
        }
        for (int lanes : new int[] {1, 2}) {
            ways.add(new Way("memcpy-" + lanes, () -> copyWithin(new Lanes(lanes))));
            ways.add(new Way("shm-copy-" + lanes, () -> copyShared(new Lanes(lanes))));
        }
        ways.add(new Way("shm-attach", this::attach));
        return ways;
    }

    private Clock allocate(boolean shareable) throws Exception {
        List<DeviceMemory> taken = new ArrayList<>();
        try {
            return new Clock()
                    .time(
                            Figure.ALLOCATE,
                            () ->
                                    taken.add(
                                            shareable
                                                    ? joiner.host.allocateShareable(joiner.bytes)
                                                    : joiner.host.allocate(joiner.bytes)));
        } finally {
            taken.forEach(DeviceMemory::close);
        }
    }

    private void copy(DeviceMemory from, DeviceMemory to, Lanes lanes) throws Exception {
        try (CopyJob job = CopyJob.start(from.all(), to.all(), lanes.options(joiner.bytes))) {
            if (!job.await(LONG)) {
                throw new TimeoutException("a copy took longer than " + LONG);
            }
        }
    }

    private Clock copyWithin(Lanes lanes) throws Exception {
        DeviceMemory target = joiner.spoilt(TARGET);
        DeviceMemory source = joiner.target(SOURCE);
        return new Clock()
                .time(Figure.WEIGHTS, () -> copy(source, target, lanes))
                .time(Figure.VERIFY, () -> joiner.verify(target));
    }

    private Clock copyShared(Lanes lanes) throws Exception {
        DeviceMemory target = joiner.spoilt(TARGET);
        List<DeviceMemory> there = new ArrayList<>();
        try {
            Clock clock = new Clock();
            return clock.time(
                            Figure.WEIGHTS,
                            () -> {
                                clock.time(Figure.ATTACH, () -> there.add(attached()));
                                clock.time(Figure.COPY, () -> copy(there.get(0), target, lanes));
                            })
                    .time(Figure.VERIFY, () -> joiner.verify(target));
        } finally {
            there.forEach(DeviceMemory::close);
        }
    }

    private Clock attach() throws Exception {
        List<DeviceMemory> there = new ArrayList<>();
        try {
            return new Clock()
                    .time(Figure.WEIGHTS, () -> there.add(attached()))
                    .time(Figure.VERIFY, () -> joiner.verify(there.get(0)));
        } finally {
            there.forEach(DeviceMemory::close);
        }
    }

    private DeviceMemory attached() {
        return joiner.host.attach(joiner.peer.offer(), LONG);
    }
}
