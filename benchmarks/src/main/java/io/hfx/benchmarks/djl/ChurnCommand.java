package io.hfx.benchmarks.djl;

import io.hfx.benchmarks.Spread;
import io.hfx.benchmarks.load.BackgroundLoad;
import io.hfx.harness.DjlServer;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A model comes and goes under load. */
@Command(
        name = "churn",
        description =
                "Deletes and registers a model again and again under load: what is answered when,"
                        + " and what grows.",
        mixinStandardHelpOptions = true)
final class ChurnCommand extends LifePart {
    @Option(
            names = "--cycles",
            defaultValue = "50",
            description = "How often (default ${DEFAULT-VALUE}).")
    private int cycles;

    @Option(
            names = "--serve-seconds",
            defaultValue = "1",
            description = "Between registered and deleted again (default ${DEFAULT-VALUE}).")
    private double serveSeconds;

    private record Settings(
            String server, EngineKind engine, double perSecond, int cycles, double serveSeconds) {}

    /** One deletion and registration, and the server's process at its end. */
    record Cycle(
            int deleteStatus,
            double deleteSeconds,
            int registerStatus,
            double registerSeconds,
            ProcessUse server) {}

    /** All cycles on one server. */
    record Run(int round, List<Cycle> cycles, Fate requests) implements Ledger.Run {}

    /** The median of the first quarter of the cycles, that of the last, and their difference. */
    private record Growth(double firstQuarter, double lastQuarter, double growth) {
        static Growth of(List<Cycle> cycles, Function<ProcessUse, Double> figure) {
            int quarter = Math.max(1, cycles.size() / 4);
            double first = median(cycles.subList(0, quarter), figure);
            double last = median(cycles.subList(cycles.size() - quarter, cycles.size()), figure);
            return new Growth(first, last, last - first);
        }

        private static double median(List<Cycle> cycles, Function<ProcessUse, Double> figure) {
            Spread spread = Spread.of(cycles, cycle -> figure.apply(cycle.server));
            return spread == null ? Double.NaN : spread.median();
        }
    }

    private record Summary(
            @Nullable Spread deleteSeconds,
            @Nullable Spread registerSeconds,
            Growth residentMib,
            Growth threads,
            Growth files) {
        static Summary of(List<Cycle> cycles) {
            return new Summary(
                    Spread.of(cycles, Cycle::deleteSeconds),
                    Spread.of(cycles, Cycle::registerSeconds),
                    Growth.of(cycles, ProcessUse::residentMib),
                    Growth.of(cycles, use -> (double) use.threads()),
                    Growth.of(cycles, use -> (double) use.files()));
        }
    }

    @Override
    public Integer call() throws Exception {
        Ledger<Run> ledger =
                new Ledger<>(
                        this,
                        "DELETE /models/NAME and POST /models?url=...&synchronous=true under load",
                        new Settings(server, engine, perSecond, cycles, serveSeconds),
                        Run.class,
                        runs -> Summary.of(runs.get(0).cycles));
        if (ledger.rounds() == 0) {
            try (Servers servers = start();
                    BackgroundLoad load = load(servers.get(server))) {
                DjlServer at = servers.get(server);
                TimeUnit.SECONDS.sleep(warmUpSeconds);
                List<Cycle> done = new ArrayList<>();
                for (int i = 0; i < cycles; i++) {
                    done.add(cycle(at));
                    System.out.println("cycle " + i + ": " + done.get(i));
                }
                Run run = new Run(0, done, fate(load.stop()));
                System.out.println(run.requests);
                ledger.add(List.of(run));
            }
        }
        System.out.println("written: " + ledger.file());
        return 0;
    }

    private Cycle cycle(DjlServer at) throws Exception {
        long startNanos = System.nanoTime();
        int deleted = at.send("DELETE", "/models/" + MODEL).statusCode();
        long deletedNanos = System.nanoTime();
        String url =
                URLEncoder.encode(at.modelFolder(MODEL).toUri().toString(), StandardCharsets.UTF_8);
        HttpResponse<String> registered =
                at.send(
                        "POST",
                        "/models?url="
                                + url
                                + "&model_name="
                                + MODEL
                                + "&engine="
                                + engineName()
                                + "&min_worker=1&max_worker=1&synchronous=true");
        long registeredNanos = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep((long) (serveSeconds * 1_000));
        return new Cycle(
                deleted,
                (deletedNanos - startNanos) / 1e9,
                registered.statusCode(),
                (registeredNanos - deletedNanos) / 1e9,
                ProcessUse.of(at.process()));
    }
}
