package io.hfx.simulator.workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Production traffic by client, after the profiles of ServeGen: a folder with {@code
 * chunk-N-trace.csv} (rate, burstiness and kind of gaps in windows of 600 s) and, where known,
 * {@code chunk-N-dataset.json} (lengths) of each client. Every client is a tenant, {@code
 * client-N}.
 *
 * <p>Arrivals are drawn, not replayed: gaps are Gamma or Weibull of the window's rate and
 * coefficient of variation or form, and start anew in each window. Prompt and output lengths are
 * drawn apart, since the histograms say nothing of both together.
 */
public final class ServeGen {
    private static final int MOST_CLIENTS = 10_000;

    private final List<ServeGenClient> clients;

    private ServeGen(List<ServeGenClient> clients) {
        this.clients = List.copyOf(clients);
    }

    /**
     * Reads an unpacked pool.
     *
     * @throws WorkloadException if the folder holds no client or a file is malformed
     */
    public static ServeGen read(Path folder) {
        List<Path> traces;
        try (Stream<Path> files = Files.list(folder)) {
            traces =
                    files.filter(f -> f.getFileName().toString().matches("chunk-\\d+-trace\\.csv"))
                            .sorted(Comparator.comparing(ServeGen::number))
                            .toList();
        } catch (IOException e) {
            throw new WorkloadException(folder + ": cannot be read: " + e);
        }
        if (traces.isEmpty() || traces.size() > MOST_CLIENTS) {
            throw new WorkloadException(
                    folder + ": needs 1 to " + MOST_CLIENTS + " files chunk-N-trace.csv");
        }
        List<ServeGenClient> clients = new ArrayList<>();
        for (Path trace : traces) {
            int number = number(trace);
            Path lengths = folder.resolve("chunk-" + number + "-dataset.json");
            clients.add(
                    new ServeGenClient(
                            "client-" + number,
                            ServeGenRates.read(trace),
                            Files.exists(lengths) ? ServeGenLengths.read(lengths) : null));
        }
        return new ServeGen(clients);
    }

    public int clients() {
        return clients.size();
    }

    /** Mean requests per second of all clients between two moments, in seconds. */
    public double meanPerSecond(double fromSeconds, double toSeconds) {
        double requests = 0;
        for (ServeGenClient client : clients) {
            requests += client.rates().expected(fromSeconds, toSeconds);
        }
        return requests / (toSeconds - fromSeconds);
    }

    /**
     * The requests between two moments of the recording, made as they are asked for; times count
     * from the first moment.
     *
     * @param rateFactor of every client's rate, above 0
     * @param others lengths of clients whose own are unknown; null if there must be none
     * @throws WorkloadException if the lengths of a client are unknown and {@code others} is null
     */
    public Iterator<Arrival> stream(
            double fromSeconds,
            double toSeconds,
            double rateFactor,
            @Nullable Shape others,
            long seed) {
        Numbers.positive("rate factor", Double.toString(rateFactor));
        if (!(fromSeconds >= 0 && toSeconds > fromSeconds)) {
            throw new WorkloadException(
                    "the window must not be empty, was " + fromSeconds + " to " + toSeconds);
        }
        List<Iterator<Arrival>> streams = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            streams.add(
                    clients.get(i).stream(
                            fromSeconds, toSeconds, rateFactor, others, seed + 31L * i));
        }
        return Streams.merge(streams);
    }

    private static int number(Path file) {
        return Integer.parseInt(file.getFileName().toString().replaceAll("\\D", ""));
    }
}
