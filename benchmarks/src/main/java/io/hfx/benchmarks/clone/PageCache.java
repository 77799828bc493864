package io.hfx.benchmarks.clone;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The system's cache of a file, and what comes from below it. */
final class PageCache {
    private static final Path IO = Path.of("/proc/self/io");
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final int TRIES = 500;

    private PageCache() {}

    /**
     * Forgets the file's pages: POSIX_FADV_DONTNEED for all of it, through dd of the GNU coreutils.
     * Needs no rights; pages that are dirty or mapped stay.
     */
    static void drop(Path file) throws IOException, InterruptedException {
        Process dd =
                new ProcessBuilder("dd", "if=" + file, "iflag=nocache", "count=0", "status=none")
                        .inheritIO()
                        .start();
        if (dd.waitFor() != 0) {
            throw new IOException("dd could not drop " + file + " from the page cache");
        }
    }

    /** Reads all of it. */
    static void fill(Path file) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(1 << 20);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(piece.clear()) >= 0) {
                // Only the cache is meant.
            }
        }
    }

    /** What this process had read from disks so far; 0 where the system does not say it. */
    static long storageBytes() throws IOException {
        if (Files.isReadable(IO)) {
            for (String line : Files.readAllLines(IO)) {
                if (line.startsWith("read_bytes: ")) {
                    return Long.parseLong(line.substring("read_bytes: ".length()));
                }
            }
        }
        return 0;
    }

    /** Lets the collector take the file's mappings, which would hold its pages. */
    static void awaitUnmapped(Path file) throws IOException, InterruptedException {
        String name = file.toRealPath().toString();
        for (int i = 0; i < TRIES && isMapped(name); i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static boolean isMapped(String name) throws IOException {
        List<String> maps = Files.isReadable(MAPS) ? Files.readAllLines(MAPS) : List.of();
        return maps.stream().anyMatch(line -> line.endsWith(name));
    }
}
