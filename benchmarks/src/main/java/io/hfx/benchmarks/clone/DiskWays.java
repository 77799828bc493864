package io.hfx.benchmarks.clone;

import com.sun.nio.file.ExtendedOpenOption;
import io.hfx.benchmarks.clone.Figure.Clock;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.image.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/** From a file of the image, whose pages are cached or not. */
final class DiskWays {
    private static final int PIECE_BYTES = 8 << 20;

    private final Joiner joiner;
    private final Path file;

    /** Writes the file. */
    DiskWays(Joiner joiner, Path file) throws Exception {
        this.joiner = joiner;
        this.file = file;
        try (DeviceMemory there =
                joiner.host.attach(joiner.peer.offer(), java.time.Duration.ofSeconds(60))) {
            ImageFile.write(joiner.imageIn(there), file);
        }
    }

    List<Way> all() {
        return List.of(
                new Way("disk-cold", () -> read(false)),
                new Way("disk-cold-direct", () -> read(true)),
                new Way("disk-cold-open", () -> open(true)),
                new Way(
                        "disk-warm",
                        () -> {
                            PageCache.fill(file);
                            return readInto(joiner.spoilt(0), Set.of(StandardOpenOption.READ));
                        }),
                new Way("disk-warm-open", () -> open(false)));
    }

    private Clock read(boolean direct) throws Exception {
        DeviceMemory target = joiner.spoilt(0);
        PageCache.drop(file);
        return readInto(
                target,
                direct
                        ? Set.of(StandardOpenOption.READ, ExtendedOpenOption.DIRECT)
                        : Set.of(StandardOpenOption.READ));
    }

    /** Into memory that is there already, like the copies. */
    private Clock readInto(DeviceMemory target, Set<OpenOption> options) throws Exception {
        return new Clock()
                .time(Figure.WEIGHTS, () -> readAll(target, options))
                .time(Figure.VERIFY, () -> joiner.verify(target));
    }

    private void readAll(DeviceMemory target, Set<OpenOption> options) throws IOException {
        HostImageMemory memory = new HostImageMemory(target);
        try (FileChannel channel = FileChannel.open(file, options)) {
            long start = channel.size() - joiner.bytes;
            for (long at = 0; at < joiner.bytes; ) {
                int room = (int) Math.min(PIECE_BYTES, joiner.bytes - at);
                ByteBuffer piece = memory.slice(at, room);
                int count = channel.read(piece, start + at);
                if (count <= 0) {
                    throw new IOException(file + " ends too early");
                }
                at += count;
            }
        }
    }

    /** As the library does it: maps the file, and reads all of it once to verify it. */
    private Clock open(boolean cold) throws Exception {
        if (cold) {
            PageCache.drop(file);
        } else {
            PageCache.fill(file);
        }
        Clock clock =
                new Clock()
                        .time(
                                Figure.WEIGHTS,
                                () -> ImageFile.open(file, joiner.manifest.key()).close());
        PageCache.awaitUnmapped(file);
        return clock;
    }
}
