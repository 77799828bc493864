package io.hfx.benchmarks.djl;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.benchmarks.Spread;
import io.hfx.benchmarks.load.BackgroundLoad;
import io.hfx.harness.DjlServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Workers come and go under load. */
@Command(
        name = "scale",
        description = "Scales a model's workers under load: how long it takes, and what it costs.",
        mixinStandardHelpOptions = true)
final class ScaleCommand extends LifePart {
    private static final double LIMIT_SECONDS = 120;

    @Option(
            names = "--workers",
            split = ",",
            defaultValue = "3,1,3",
            description = "One number after the other, from 1 on (default ${DEFAULT-VALUE}).")
    private List<Integer> workers;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often, each on a fresh server (default ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--settle-seconds",
            defaultValue = "8",
            description = "Load before, between and after (default ${DEFAULT-VALUE}).")
    private double settleSeconds;

    private record Settings(
            String server,
            EngineKind engine,
            double perSecond,
            List<Integer> workers,
            double settleSeconds) {}

    /**
     * One step.
     *
     * @param status of the answer to {@code PUT}
     * @param answeredSeconds until it came
     * @param readySeconds until as many workers as asked for were READY and no other was there;
     *     {@value LIMIT_SECONDS} if they never were
     */
    record Step(int workers, int status, double answeredSeconds, double readySeconds) {}

    /** All steps on one server. */
    record Run(int round, List<Step> steps, Fate requests) implements Ledger.Run {}

    private record Summary(List<Spread> readySeconds, long sent, long whole) {}

    @Override
    public Integer call() throws Exception {
        Ledger<Run> ledger =
                new Ledger<>(
                        this,
                        "PUT /models/NAME?min_worker=N&max_worker=N under load",
                        new Settings(server, engine, perSecond, workers, settleSeconds),
                        Run.class,
                        this::summary);
        int end = roundsToEndAt(rounds, ledger.rounds());
        for (int round = ledger.rounds(); round < end; round++) {
            try (Servers servers = start();
                    BackgroundLoad load = load(servers.get(server))) {
                List<Step> steps = new ArrayList<>();
                settle(warmUpSeconds);
                for (int count : workers) {
                    steps.add(scale(servers.get(server), count));
                    settle(settleSeconds);
                }
                Run run = new Run(round, steps, fate(load.stop()));
                System.out.println(run);
                ledger.add(List.of(run));
            }
        }
        System.out.println("written: " + ledger.file());
        return 0;
    }

    private static void settle(double seconds) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep((long) (seconds * 1_000));
    }

    private static Step scale(DjlServer at, int count) throws Exception {
        long startNanos = System.nanoTime();
        String query = "?min_worker=" + count + "&max_worker=" + count;
        int status = at.send("PUT", "/models/" + MODEL + query).statusCode();
        double answered = seconds(startNanos);
        while (!isReady(at, count) && seconds(startNanos) < LIMIT_SECONDS) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return new Step(count, status, answered, Math.min(LIMIT_SECONDS, seconds(startNanos)));
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private static boolean isReady(DjlServer at, int count) throws Exception {
        JsonNode answer = Ledger.JSON.readTree(at.get("/models/" + MODEL).body());
        int all = 0;
        int ready = 0;
        for (JsonNode group : answer.at("/0/models/0/workerGroups")) {
            for (JsonNode worker : group.path("workers")) {
                all++;
                ready += worker.path("status").asText().equalsIgnoreCase("READY") ? 1 : 0;
            }
        }
        return all == count && ready == count;
    }

    private Object summary(List<Run> runs) {
        List<Spread> ready = new ArrayList<>();
        for (int i = 0; i < workers.size(); i++) {
            int step = i;
            Spread spread = Spread.of(runs, run -> run.steps.get(step).readySeconds);
            if (spread != null) {
                ready.add(spread);
            }
        }
        return new Summary(
                ready,
                runs.stream().mapToLong(run -> run.requests.sent()).sum(),
                runs.stream().mapToLong(run -> run.requests.whole()).sum());
    }
}
