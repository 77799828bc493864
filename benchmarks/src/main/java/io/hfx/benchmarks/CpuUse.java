package io.hfx.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * CPU seconds of a run.
 *
 * @param server of the server's process
 * @param client of this process
 * @param others of everything else on the machine, time stolen by its host included: a run in which
 *     this is high was disturbed; null where the system does not say it
 */
public record CpuUse(double server, double client, @Nullable Double others) {
    /** Reads the counters; {@link Since#now} says what was used from here on. */
    public static Since start(ProcessHandle server) {
        return new Since(server, seconds(server), seconds(ProcessHandle.current()), busySeconds());
    }

    /** The counters at the start. */
    public record Since(
            ProcessHandle process, double server, double client, @Nullable Double machine) {
        public CpuUse now() {
            double ofServer = seconds(process) - server;
            double ofClient = seconds(ProcessHandle.current()) - client;
            Double before = machine;
            Double after = busySeconds();
            return new CpuUse(
                    ofServer,
                    ofClient,
                    before == null || after == null
                            ? null
                            : Math.max(0, after - before - ofServer - ofClient));
        }
    }

    private static double seconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    /** Of all cores; Linux counts them in hundredths of a second. */
    private static @Nullable Double busySeconds() {
        Path stat = Path.of("/proc/stat");
        if (!Files.isReadable(stat)) {
            return null;
        }
        try {
            String[] fields = Files.readAllLines(stat).get(0).trim().split(" +", -1);
            double ticks = 0;
            for (int i = 1; i <= 8 && i < fields.length; i++) {
                boolean isIdle = i == 4 || i == 5; // idle, and idle while waiting for a disk
                ticks += isIdle ? 0 : Double.parseDouble(fields[i]);
            }
            return ticks / 100;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
