package io.hfx.benchmarks.djl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process holds now; -1 where the system does not say it (no Linux).
 *
 * @param residentMib memory
 * @param files open descriptors
 */
record ProcessUse(double residentMib, int threads, int files) {
    static ProcessUse of(ProcessHandle process) throws IOException {
        Path folder = Path.of("/proc", Long.toString(process.pid()));
        if (!Files.isDirectory(folder)) {
            return new ProcessUse(-1, -1, -1);
        }
        List<String> status = Files.readAllLines(folder.resolve("status"));
        return new ProcessUse(
                number(status, "VmRSS:") / 1024.0,
                number(status, "Threads:"),
                count(folder.resolve("fd")));
    }

    private static int number(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(-1);
    }

    private static int count(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return (int) entries.count();
        } catch (NoSuchFileException e) {
            return -1;
        }
    }
}
