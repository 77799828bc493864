package io.hfx.cli.bench;

import io.hfx.cli.UserError;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.workload.Arrival;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One load test against a target, start to end: finds out how long words are for the chat API, runs
 * the load, shows its progress on a terminal, and on Ctrl-C ends early with what there is.
 *
 * @param target the endpoint
 * @param planned what is sent
 * @param limits of the run
 * @param seed of the prompts
 */
public record LoadTest(Target target, List<PlannedRequest> planned, RunLimits limits, long seed) {
    private static final int PROBE_SHORT_WORDS = 16;
    private static final int PROBE_LONG_WORDS = 144;
    private static final long PROBE_NANOS = 60_000_000_000L;
    private static final long REPORT_WAIT_SECONDS = 10;

    public LoadTest {
        planned = List.copyOf(planned);
    }

    /**
     * Runs it.
     *
     * @param reported released by the caller once the results are out; a Ctrl-C waits for it
     */
    public RunResult run(PrintWriter terminal, CountDownLatch reported)
            throws InterruptedException {
        Prompt prompt = target.api() == Api.CHAT ? probed() : Prompt.TokenIds.COMMON;
        LoadRun run = new LoadRun(target, prompt, planned, limits, seed);
        Thread onExit = new Thread(() -> endEarly(run, reported), "bench-interrupt");
        Runtime.getRuntime().addShutdownHook(onExit);
        ProgressLine line = ProgressLine.start(run, planned.size(), terminal);
        try {
            return run.execute();
        } finally {
            line.close();
            try {
                Runtime.getRuntime().removeShutdownHook(onExit);
            } catch (IllegalStateException e) {
                // the JVM is going down already: the hook is running
            }
        }
    }

    private static void endEarly(LoadRun run, CountDownLatch reported) {
        run.interrupt();
        try {
            boolean inTime = reported.await(REPORT_WAIT_SECONDS, TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("hfx bench: no results in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Prompt probed() throws InterruptedException {
        List<PlannedRequest> probes =
                List.of(probe(0, PROBE_SHORT_WORDS), probe(1, PROBE_LONG_WORDS));
        RunLimits bounds = new RunLimits(1, PROBE_NANOS, 1);
        List<RequestRecord> seen =
                new LoadRun(target, Prompt.Words.UNCALIBRATED, probes, bounds, ~seed)
                        .execute()
                        .records();
        for (RequestRecord record : seen) {
            if (!record.completed()) {
                throw new UserError("the endpoint does not answer a probe: " + record.reason());
            }
        }
        int shortTokens = seen.get(0).promptTokens();
        int longTokens = seen.get(1).promptTokens();
        return shortTokens < 0 || longTokens < 0
                ? Prompt.Words.UNCALIBRATED
                : Prompt.Words.calibrated(
                        PROBE_SHORT_WORDS, shortTokens, PROBE_LONG_WORDS, longTokens);
    }

    private static PlannedRequest probe(int index, int words) {
        return new PlannedRequest(
                index, new Arrival(0, SloClass.BEST_EFFORT.name(), words, 1), SloClass.BEST_EFFORT);
    }
}
