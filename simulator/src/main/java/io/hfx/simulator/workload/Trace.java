package io.hfx.simulator.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads recorded traffic: the Azure LLM inference CSV, Mooncake JSONL and BurstGPT CSV, also
 * gzipped. The format is told by the first line. Times start at 0 with the first request. A row
 * without prompt or output tokens failed where it was recorded: it is left out and counted.
 */
public final class Trace {
    /** The SLO class of requests from a trace, until classes are assigned. */
    public static final String UNASSIGNED = "best-effort";

    private static final int MAX_LINE_CHARS = 10_000_000;

    private final Path file;
    private final LineFormat format;
    private final List<Arrival> arrivals = new ArrayList<>();
    private int skippedRows;

    private Trace(Path file, LineFormat format) {
        this.file = file;
        this.format = format;
    }

    /**
     * Reads a file.
     *
     * @param seed spreads requests that the trace stamps with the same coarse tick
     * @throws WorkloadException if it is missing, empty or malformed
     */
    public static Workload read(Path file, long seed) {
        try (BufferedReader lines = open(file)) {
            String first = lines.readLine();
            if (first == null) {
                throw new WorkloadException(file + ": is empty");
            }
            Trace trace = new Trace(file, LineFormat.of(first, file, seed));
            int lineNumber = 1;
            String line = trace.format.firstLineIsData() ? first : lines.readLine();
            lineNumber += trace.format.firstLineIsData() ? 0 : 1;
            for (; line != null; line = lines.readLine(), lineNumber++) {
                trace.add(line, lineNumber);
            }
            return trace.workload();
        } catch (IOException e) {
            throw new WorkloadException(file + ": cannot be read: " + e);
        }
    }

    private void add(String line, int lineNumber) {
        String where = file + ", line " + lineNumber;
        if (line.isBlank()) {
            return;
        }
        if (line.length() > MAX_LINE_CHARS || arrivals.size() == ArrivalProcess.MAX_ARRIVALS) {
            throw new WorkloadException(where + ": line or file too long");
        }
        LineFormat.Row row = format.parse(line, where + ": ");
        if (row.promptTokens() == 0 || row.outputTokens() == 0) {
            skippedRows++;
            return;
        }
        if (row.atNanos() < 0) {
            throw new WorkloadException(where + ": time must be at least 0");
        }
        arrivals.add(
                new Arrival(row.atNanos(), UNASSIGNED, row.promptTokens(), row.outputTokens())
                        .beginning(row.prefix()));
    }

    private Workload workload() {
        if (arrivals.isEmpty()) {
            throw new WorkloadException(file + ": holds no request");
        }
        arrivals.sort(Comparator.comparingLong(Arrival::atNanos));
        long startNanos = arrivals.get(0).atNanos();
        arrivals.replaceAll(a -> a.at(a.atNanos() - startNanos));
        long lastNanos = arrivals.get(arrivals.size() - 1).atNanos();
        // One mean gap after the last request, so that rate x window = requests.
        long gapNanos = Math.max(1, lastNanos / Math.max(1, arrivals.size() - 1));
        String name = String.valueOf(file.getFileName());
        return new Workload(name, arrivals, lastNanos + gapNanos, 0, skippedRows);
    }

    private static BufferedReader open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
            return new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8));
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }
}
