package io.hfx.cli.record;

import io.hfx.cli.UserError;
import io.hfx.cli.bench.RequestRecord;
import io.hfx.cli.bench.RunResult;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.profile.StepRecord;
import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;

/**
 * What a request spends outside its steps: short requests, one at a time on an idle server, and the
 * time from when each was due to its first token, less the time of the step that made it.
 */
final class FrontProbe {
    private static final int PROBES = 20;
    private static final long GAP_NANOS = 250_000_000;
    private static final int PROMPT_TOKENS = 16;
    private static final int OUTPUT_TOKENS = 2;

    private FrontProbe() {}

    static Workload workload() {
        List<Arrival> arrivals = new ArrayList<>();
        for (int i = 0; i < PROBES; i++) {
            arrivals.add(
                    new Arrival(
                            i * GAP_NANOS,
                            SloClass.BEST_EFFORT.name(),
                            PROMPT_TOKENS,
                            OUTPUT_TOKENS));
        }
        return new Workload("probe", arrivals, PROBES * GAP_NANOS, 0, 0);
    }

    /** The median in milliseconds. */
    static double millis(RunResult run, List<StepRecord> steps) {
        double[] nanos =
                run.records().stream()
                        .filter(RequestRecord::completed)
                        .mapToDouble(r -> outsideNanos(r, run.startEpochNanos(), steps))
                        .sorted()
                        .toArray();
        if (nanos.length == 0) {
            throw new UserError("no probe completed");
        }
        return nanos[nanos.length / 2] / 1e6;
    }

    private static double outsideNanos(
            RequestRecord probe, long startEpochNanos, List<StepRecord> steps) {
        long firstEpochNanos = startEpochNanos + probe.tokenNanos()[0];
        long stepNanos =
                steps.stream()
                        .filter(s -> s.shape().prefillRuns() > 0)
                        .filter(s -> s.endEpochNanos() <= firstEpochNanos)
                        .reduce((a, b) -> a.endEpochNanos() > b.endEpochNanos() ? a : b)
                        .orElseThrow(() -> new UserError("the server recorded no step"))
                        .nanos();
        return probe.fromArrival().ttftNanos() - stepNanos;
    }
}
