package io.hfx.benchmarks.djl;

import io.hfx.benchmarks.CpuUse;
import io.hfx.benchmarks.Spread;
import io.hfx.benchmarks.load.ClosedLoop;
import io.hfx.benchmarks.load.Latencies;
import io.hfx.harness.DjlServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the plugin costs when there is nothing to schedule. */
@Command(
        name = "unloaded",
        description = "Closed loop on a trivial ONNX model: latency and throughput.",
        mixinStandardHelpOptions = true)
final class UnloadedCommand extends Part {
    private static final List<String> NAMES =
            List.of(Servers.STOCK, Servers.HFX, Servers.STOCK_AGAIN);

    private static final List<byte[]> REQUESTS =
            List.of(Requests.post("/predictions/double", "[[1,2,3]]", Map.of()));

    @Option(
            names = "--rounds",
            defaultValue = "10",
            description = "Runs of each server at each number of connections (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "8",
            description = "Length of one run (default ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--connections",
            split = ",",
            defaultValue = "1,8,32",
            description = "Clients, each with a connection of its own (${DEFAULT-VALUE}).")
    private List<Integer> connections;

    @Option(
            names = "--warm-up-requests",
            paramLabel = "N",
            defaultValue = "100000",
            description =
                    "Answers of each server before the first run, the same number for all,"
                            + " so that one is compiled as well as the other"
                            + " (default ${DEFAULT-VALUE}).")
    private int warmUpRequests;

    private record Settings(List<String> servers, double seconds, List<Integer> connections) {}

    /** One run on one server. */
    record Run(
            int round,
            String server,
            int connections,
            double perSecond,
            long failed,
            @Nullable String firstFailure,
            Latencies.@Nullable Summary latency,
            CpuUse cpuSeconds,
            @Nullable Double serverCpuMicrosPerRequest)
            implements Pairs.ServerRun {}

    @Override
    public Integer call() throws Exception {
        Ledger<Run> ledger =
                new Ledger<>(
                        this,
                        "closed loop over kept connections; an ONNX model that doubles three"
                                + " numbers, one worker a server, no objectives",
                        new Settings(NAMES, seconds, connections),
                        Run.class,
                        this::summary);
        int end = roundsToEndAt(rounds, ledger.rounds());
        try (Servers servers =
                Servers.start(
                        this,
                        NAMES,
                        setup -> setup.onnx("double", "minWorkers=1", "maxWorkers=1"),
                        setup -> {})) {
            for (String name : NAMES) {
                ClosedLoop.warmUp(servers.get(name).address(), REQUESTS, 8, warmUpRequests);
            }
            for (int round = ledger.rounds(); round < end; round++) {
                List<Run> runs = new ArrayList<>();
                for (int i = 0; i < connections.size(); i++) {
                    for (String name : Pairs.order(NAMES, round + i)) {
                        runs.add(run(servers, name, round, connections.get(i), seconds));
                    }
                }
                ledger.add(runs);
            }
        }
        System.out.println("written: " + ledger.file());
        return 0;
    }

    private static Run run(Servers servers, String name, int round, int connections, double seconds)
            throws IOException {
        DjlServer server = servers.get(name);
        CpuUse.Since cpu = CpuUse.start(server.process());
        ClosedLoop.Result result =
                ClosedLoop.run(
                        server.address(),
                        REQUESTS,
                        connections,
                        Duration.ofMillis((long) (seconds * 1000)));
        CpuUse used = cpu.now();
        Run run =
                new Run(
                        round,
                        name,
                        connections,
                        result.perSecond(),
                        result.failed(),
                        result.firstFailure(),
                        result.latency(),
                        used,
                        result.completed() == 0 ? null : used.server() * 1e6 / result.completed());
        System.out.printf(
                "round %d, %d connections, %s: %.0f/s, %s%n",
                round, connections, name, run.perSecond, run.latency);
        return run;
    }

    /** Medians of a server's runs. */
    private record Medians(
            @Nullable Spread p50Ms,
            @Nullable Spread p99Ms,
            @Nullable Spread perSecond,
            @Nullable Spread serverCpuMicrosPerRequest,
            @Nullable Spread cpuSecondsOfOthers,
            long failed) {
        static Medians of(List<Run> runs) {
            return new Medians(
                    Spread.of(runs, UnloadedCommand::p50),
                    Spread.of(runs, UnloadedCommand::p99),
                    Spread.of(runs, Run::perSecond),
                    Spread.of(runs, Run::serverCpuMicrosPerRequest),
                    Spread.of(runs, run -> run.cpuSeconds.others()),
                    runs.stream().mapToLong(Run::failed).sum());
        }
    }

    /** Ratios to the stock server's run of the same round. */
    private record Ratios(
            @Nullable Spread p50,
            @Nullable Spread p99,
            @Nullable Spread perSecond,
            @Nullable Spread serverCpu) {
        static Ratios of(List<Run> runs, String server) {
            return new Ratios(
                    Pairs.ratios(runs, server, Servers.STOCK, UnloadedCommand::p50),
                    Pairs.ratios(runs, server, Servers.STOCK, UnloadedCommand::p99),
                    Pairs.ratios(runs, server, Servers.STOCK, Run::perSecond),
                    Pairs.ratios(runs, server, Servers.STOCK, Run::serverCpuMicrosPerRequest));
        }
    }

    /**
     * At one number of connections.
     *
     * @param p99WithinStock whether the median ratio of HFX's p99 lies between the least and the
     *     greatest ratio of the two stock servers
     */
    private record Summary(
            Map<String, Medians> servers,
            Ratios hfxToStock,
            Ratios stockAgainToStock,
            boolean p99WithinStock) {}

    private Object summary(List<Run> all) {
        Map<String, Summary> byConnections = new LinkedHashMap<>();
        for (int count : connections) {
            List<Run> runs = all.stream().filter(run -> run.connections == count).toList();
            Map<String, Medians> servers = new LinkedHashMap<>();
            for (String name : NAMES) {
                servers.put(
                        name,
                        Medians.of(runs.stream().filter(r -> r.server.equals(name)).toList()));
            }
            Ratios ours = Ratios.of(runs, Servers.HFX);
            Ratios theirs = Ratios.of(runs, Servers.STOCK_AGAIN);
            boolean within =
                    ours.p99 != null
                            && theirs.p99 != null
                            && theirs.p99.contains(ours.p99.median());
            byConnections.put(count + " connections", new Summary(servers, ours, theirs, within));
        }
        return byConnections;
    }

    private static @Nullable Double p50(Run run) {
        return run.latency == null ? null : run.latency.p50Ms();
    }

    private static @Nullable Double p99(Run run) {
        return run.latency == null ? null : run.latency.p99Ms();
    }
}
