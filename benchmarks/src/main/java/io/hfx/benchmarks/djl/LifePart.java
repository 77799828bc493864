package io.hfx.benchmarks.djl;

import io.hfx.benchmarks.load.BackgroundLoad;
import io.hfx.benchmarks.load.Latencies;
import io.hfx.benchmarks.load.Sample;
import io.hfx.engine.sample.SampleModel;
import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import io.hfx.harness.FixedTimeEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A part in which a model's workers, or the model, come and go under load; one server. */
abstract class LifePart extends Part {
    /** Characters that are kept of an answer. */
    private static final int MOST_TEXT = 1_000;

    static final String MODEL = "model";
    private static final int TOKENS = 32;

    /** Whose model it is. */
    enum EngineKind {
        /** A sample checkpoint of the token-level engine, asked for streams. */
        HFX,
        /** 20 ms a request. */
        FIXED
    }

    @Option(
            names = "--engine",
            defaultValue = "HFX",
            description = "Of the model: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    EngineKind engine;

    @Option(
            names = "--server",
            defaultValue = Servers.HFX,
            description = "stock or hfx (default ${DEFAULT-VALUE}).")
    String server;

    @Option(
            names = "--rate",
            defaultValue = "5",
            description = "Requests per second, evenly spaced (default ${DEFAULT-VALUE}).")
    double perSecond;

    @Option(
            names = "--warm-up-seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "Load before anything is done (default ${DEFAULT-VALUE}).")
    int warmUpSeconds;

    /**
     * What became of the requests.
     *
     * @param whole answered with status 200, and streams to their {@code [DONE]} without an error
     * @param interrupted of status 200, but not whole
     * @param firstInterrupted the last that came of the first of them
     * @param notCompleted by reason
     * @param latency of all that were answered, whatever the answer
     * @param slowerThan1s of them, and unanswered
     */
    record Fate(
            long sent,
            long whole,
            long interrupted,
            @Nullable String firstInterrupted,
            Map<String, Long> notCompleted,
            Latencies.@Nullable Summary latency,
            long slowerThan1s) {}

    final Servers start() throws Exception {
        if (!List.of(Servers.HFX, Servers.STOCK).contains(server)
                || (server.equals(Servers.STOCK) && engine == EngineKind.HFX)) {
            throw new DjlBench.UnusableException(
                    "--server must be hfx, or stock with --engine FIXED, not " + server);
        }
        return Servers.start(this, List.of(server), this::model, setup -> {});
    }

    private void model(DjlSetup setup) throws IOException {
        if (engine == EngineKind.FIXED) {
            setup.fixedTime(MODEL, 20_000, "minWorkers=1", "maxWorkers=1");
        } else {
            Path folder = setup.model(MODEL, engineName(), "minWorkers=1", "maxWorkers=1");
            SampleModel.create(SampleModel.Size.TINY, folder, 0);
        }
    }

    final String engineName() {
        return engine == EngineKind.FIXED ? FixedTimeEngine.NAME : "HFX";
    }

    final BackgroundLoad load(DjlServer at) {
        byte[] request =
                engine == EngineKind.FIXED
                        ? Requests.post("/predictions/" + MODEL, "x", Map.of())
                        : Requests.post(
                                "/v1/completions",
                                "{\"model\":\""
                                        + MODEL
                                        + "\",\"prompt\":\"Hello\",\"stream\":true,"
                                        + "\"ignore_eos\":true,\"max_tokens\":"
                                        + TOKENS
                                        + "}",
                                Map.of());
        return new BackgroundLoad(at.address(), request, perSecond, Duration.ofSeconds(30));
    }

    final Fate fate(List<Sample> samples) {
        Map<String, Long> notCompleted = new TreeMap<>();
        Latencies latencies = new Latencies();
        long whole = 0;
        long slow = 0;
        String firstInterrupted = null;
        for (Sample sample : samples) {
            whole += isWhole(sample) ? 1 : 0;
            if (firstInterrupted == null && sample.isCompleted() && !isWhole(sample)) {
                String text = sample.response() == null ? "" : sample.response().text();
                firstInterrupted = text.substring(Math.max(0, text.length() - MOST_TEXT));
            }
            boolean answered = sample.response() != null;
            slow += !answered || sample.latencyNanos() > 1_000_000_000L ? 1 : 0;
            if (answered) {
                latencies.add(sample.latencyNanos());
            }
            if (!sample.isCompleted()) {
                notCompleted.merge(sample.reason(), 1L, Long::sum);
            }
        }
        long lost = notCompleted.values().stream().mapToLong(Long::longValue).sum();
        return new Fate(
                samples.size(),
                whole,
                samples.size() - whole - lost,
                firstInterrupted,
                notCompleted,
                latencies.summary(),
                slow);
    }

    private boolean isWhole(Sample sample) {
        if (!sample.isCompleted() || sample.response() == null) {
            return false;
        }
        String text = sample.response().text();
        return engine == EngineKind.FIXED
                || (text.contains("data: [DONE]") && !text.contains("\"error\":"));
    }
}
