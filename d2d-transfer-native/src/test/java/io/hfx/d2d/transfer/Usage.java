package io.hfx.d2d.transfer;

import io.hfx.d2d.device.DeviceCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What this process holds, as the kernel says (Linux), and what the native library thinks.
 *
 * @param residentKib memory, shared memory included
 * @param sharedMemories mappings of, and descriptors for, memory that processes share
 * @param device sum of the library's counts, failed releases included
 */
record Usage(
        long residentKib,
        long files,
        long mappings,
        long threads,
        long sharedMemories,
        long device) {
    private static final Path SELF = Path.of("/proc/self");
    private static final long SETTLING = 2_000;

    static boolean isKnown() {
        return Files.isReadable(SELF.resolve("maps"));
    }

    /** Once the collector has taken what nobody refers to, or 20 s later. */
    static Usage settled() throws IOException {
        System.gc();
        for (int i = 0; i < SETTLING && held(DeviceCounts.now()) > 0; i++) {
            if (i % 100 == 99) {
                System.gc();
            }
            LockSupport.parkNanos(10_000_000);
        }
        List<String> maps = Files.readAllLines(SELF.resolve("maps"));
        List<String> files = targets();
        return new Usage(
                number("VmRSS:"),
                files.size(),
                maps.size(),
                number("Threads:"),
                Stream.concat(maps.stream(), files.stream())
                        .filter(line -> line.contains("hfx-d2d"))
                        .count(),
                held(DeviceCounts.now()));
    }

    private static long held(DeviceCounts c) {
        return c.handles()
                + c.memories()
                + c.copies()
                + c.offers()
                + c.leases()
                + c.descriptors()
                + c.streams()
                + c.failedReleases();
    }

    private static long number(String field) throws IOException {
        for (String line : Files.readAllLines(SELF.resolve("status"))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no " + field);
    }

    private static List<String> targets() throws IOException {
        try (Stream<Path> files = Files.list(SELF.resolve("fd"))) {
            return files.map(Usage::target).toList();
        }
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }

    /** As {@link #parse} reads it, and as a row of a table. */
    String row() {
        return String.format(
                Locale.ROOT,
                "%d,%d,%d,%d,%d,%d",
                residentKib,
                files,
                mappings,
                threads,
                sharedMemories,
                device);
    }

    static Usage parse(String row) {
        String[] n = row.split(",", -1);
        return new Usage(
                Long.parseLong(n[0]),
                Long.parseLong(n[1]),
                Long.parseLong(n[2]),
                Long.parseLong(n[3]),
                Long.parseLong(n[4]),
                Long.parseLong(n[5]));
    }
}
