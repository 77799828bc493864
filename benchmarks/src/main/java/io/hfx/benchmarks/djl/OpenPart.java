package io.hfx.benchmarks.djl;

import io.hfx.benchmarks.CpuUse;
import io.hfx.benchmarks.load.ClosedLoop;
import io.hfx.benchmarks.load.Due;
import io.hfx.benchmarks.load.Latencies;
import io.hfx.benchmarks.load.OpenLoop;
import io.hfx.benchmarks.load.Sample;
import io.hfx.harness.DjlServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Mixin;

/**
 * A part with an open loop: the same Poisson arrivals of three classes on both servers, load by
 * load and run by run.
 */
abstract class OpenPart extends Part {
    private static final List<String> NAMES = List.of(Servers.STOCK, Servers.HFX);

    /**
     * What is served.
     *
     * @param what in words, for the result; says all that the model depends on
     * @param body of every request
     * @param loads if the user says none: multiples of the mean of the servers' capacities, which
     *     each round measures first
     * @param clients of the closed loop that measures capacity
     */
    record Subject(
            String what,
            Servers.Content content,
            String model,
            String body,
            List<Double> loads,
            int clients) {
        String path() {
            return "/predictions/" + model;
        }
    }

    private record Settings(
            String served,
            List<String> servers,
            double seconds,
            List<Double> loads,
            int clients,
            double probeSeconds,
            double drainSeconds,
            String onMiss,
            long seed,
            List<SloMix.SloClass> classes) {}

    @Mixin private OpenOptions options;

    /** What this part serves. */
    abstract Subject subject();

    @Override
    public final Integer call() throws Exception {
        return new Measurement(subject()).run();
    }

    private final class Measurement {
        private final Subject subject;
        private final List<Double> loads;

        Measurement(Subject subject) {
            this.subject = subject;
            loads = options.loads.isEmpty() ? subject.loads : options.loads;
        }

        int run() throws Exception {
            Ledger<OpenRun> ledger =
                    new Ledger<>(
                            OpenPart.this,
                            "open loop, Poisson, the same requests for both servers;"
                                    + " latencies from the time when a request was due",
                            settings(),
                            OpenRun.class,
                            OpenSummary::of);
            int all = options.runs * loads.size();
            int end = roundsToEndAt(all, ledger.rounds());
            try (Servers servers = start()) {
                for (String name : NAMES) {
                    ClosedLoop.warmUp(
                            servers.get(name).address(),
                            SloMix.tenRequests(subject.path(), subject.body),
                            subject.clients,
                            options.warmUpRequests);
                }
                for (int round = ledger.rounds(); round < end; round++) {
                    ledger.add(round(servers, round));
                }
            }
            System.out.println("written: " + ledger.file());
            return 0;
        }

        private Settings settings() {
            return new Settings(
                    subject.what,
                    NAMES,
                    options.seconds,
                    loads,
                    subject.clients,
                    options.probeSeconds,
                    options.drainSeconds,
                    options.onMiss.name().toLowerCase(Locale.ROOT),
                    seed,
                    SloMix.CLASSES);
        }

        private Servers start() throws Exception {
            return Servers.start(
                    OpenPart.this,
                    NAMES,
                    subject.content,
                    setup -> {
                        Path classes = setup.folder().resolve("classes.json");
                        SloMix.writeClasses(classes, options.onMiss);
                        setup.with("hfx_slo_classes", classes);
                    });
        }

        /** A run of each server at the load that is due, in an order that turns. */
        private List<OpenRun> round(Servers servers, int round) throws IOException {
            double load = loads.get(round % loads.size());
            int turn = round / loads.size();
            double sum = 0;
            for (String name : NAMES) {
                sum += probe(servers.get(name), options.probeSeconds).perSecond();
            }
            double nominal = sum / NAMES.size();
            List<Due> schedule =
                    Due.poisson(
                            load * nominal, options.seconds, SloMix.shares(), seed * 1_000 + turn);
            List<OpenRun> runs = new ArrayList<>();
            for (String name : Pairs.order(NAMES, round % loads.size() + turn)) {
                runs.add(run(servers.get(name), name, round, load, load * nominal, schedule));
            }
            return runs;
        }

        private OpenRun run(
                DjlServer server,
                String name,
                int round,
                double load,
                double offeredPerSecond,
                List<Due> schedule)
                throws IOException {
            ClosedLoop.Result before = probe(server, options.probeSeconds);
            CpuUse.Since cpu = CpuUse.start(server.process());
            List<Sample> samples =
                    OpenLoop.run(
                            server.address(),
                            schedule,
                            SloMix.requests(subject.path(), subject.body),
                            duration(options.drainSeconds));
            CpuUse used = cpu.now();
            ClosedLoop.Result after = probe(server, options.probeSeconds);
            Latencies lag = new Latencies();
            samples.forEach(sample -> lag.add(sample.sentNanos() - sample.due().atNanos()));
            OpenRun run =
                    new OpenRun(
                            round,
                            name,
                            load,
                            offeredPerSecond,
                            options.seconds,
                            before.perSecond(),
                            after.perSecond(),
                            before.latency(),
                            lag.summary(),
                            used,
                            SloMix.scores(samples));
            report(run);
            return run;
        }

        private ClosedLoop.Result probe(DjlServer server, double seconds) throws IOException {
            return ClosedLoop.run(
                    server.address(),
                    SloMix.tenRequests(subject.path(), subject.body),
                    subject.clients,
                    duration(seconds));
        }
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis((long) (seconds * 1_000));
    }

    private static void report(OpenRun run) {
        System.out.printf(
                "round %d, load %.2f, %s: capacity %.1f/s and %.1f/s, %d completed in the window%n",
                run.round(),
                run.load(),
                run.server(),
                run.capacityBefore(),
                run.capacityAfter(),
                run.completedInWindow());
        run.classes()
                .forEach(
                        (name, score) ->
                                System.out.printf(
                                        "    %s: %d offered, %d completed, met %s, not completed"
                                                + " %s, %s%n",
                                        name,
                                        score.offered(),
                                        score.completed(),
                                        score.attainment(),
                                        score.notCompleted(),
                                        score.latency()));
    }
}
