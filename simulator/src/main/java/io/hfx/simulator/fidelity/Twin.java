package io.hfx.simulator.fidelity;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.fleet.SimFleet;
import io.hfx.simulator.fleet.SimOutcome;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.fleet.SimSettings;
import io.hfx.simulator.fleet.SimWorkerSpec;
import io.hfx.simulator.fleet.StepTimes;
import io.hfx.simulator.fleet.StepTiming;
import io.hfx.simulator.profile.Profile;
import io.hfx.simulator.profile.StepRecord;
import io.hfx.simulator.scenario.Entrant;
import io.hfx.simulator.scenario.Objectives;
import io.hfx.simulator.scenario.Score;
import io.hfx.simulator.score.Scoreboard;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The simulated counterpart of a live server: as many workers of the same profile, the same slots,
 * limits and classes. Requests come to it later than to the clients' clock by what the front takes
 * on an idle server, less what the simulation has of that itself.
 *
 * @param fleet the live server
 * @param profile of its workers
 */
public record Twin(LiveFleet fleet, Profile profile) {
    /** Between dispatcher and workers of one process: the wake-up of a thread. */
    static final long MESSAGE_DELAY_NANOS = 60_000;

    /** Seeds that a run is simulated with. */
    static final int SEEDS = 20;

    /** The objectives by class. */
    Map<String, SloClass> classes() {
        Map<String, SloClass> classes = new LinkedHashMap<>();
        fleet.classes().stream()
                .map(Objectives.Own::sloClass)
                .forEach(c -> classes.put(c.name(), c));
        return classes;
    }

    /** The same requests with step times of the profile, once for each seed. */
    List<Score> simulate(LiveRun run) {
        return IntStream.rangeClosed(1, SEEDS).mapToObj(s -> simulate(run, null, s)).toList();
    }

    /**
     * The same requests with the step times of that run.
     *
     * @param steps recorded by the server; those of other runs are left out
     */
    Score replay(LiveRun run, List<StepRecord> steps) {
        return simulate(run, run.steps(steps), 1);
    }

    private Score simulate(LiveRun run, @Nullable List<StepRecord> steps, long seed) {
        Entrant entrant = Entrant.of(run.policy(), Map.of());
        SimSettings settings =
                new SimSettings(
                        entrant.policy(),
                        entrant.config(),
                        new DispatcherLimits(fleet.waiting(), fleet.waiting()),
                        workers(run, steps),
                        profile.network(MESSAGE_DELAY_NANOS),
                        seed);
        long frontNanos = frontNanos();
        List<SimRequest> requests =
                run.simulated(classes()).stream().map(r -> later(r, frontNanos)).toList();
        Scoreboard board = new Scoreboard(0);
        new SimFleet(settings, SimFleet.Log.NONE)
                .run(requests.iterator(), outcome -> board.accept(seen(outcome, frontNanos)));
        return Score.of(board.overall());
    }

    private List<SimWorkerSpec> workers(LiveRun run, @Nullable List<StepRecord> steps) {
        StepTiming timing = profile.timing().withSlices(fleet.slices());
        List<SimWorkerSpec> workers = new ArrayList<>();
        for (int i = 0; i < fleet.workers(); i++) {
            String name = "worker-" + i;
            WorkerSpec spec =
                    new WorkerSpec(
                            new WorkerId(name),
                            WorkerSpec.Kind.TOKEN_LEVEL,
                            new KvBudget.Slots(fleet.slots(), fleet.contextTokens()),
                            fleet.slots(),
                            true,
                            timing.model());
            workers.add(
                    new SimWorkerSpec(
                            spec, timing, true, steps == null ? null : times(name, run, steps)));
        }
        return workers;
    }

    private @Nullable StepTimes times(String worker, LiveRun run, List<StepRecord> steps) {
        List<StepRecord> here = steps.stream().filter(s -> s.worker().equals(worker)).toList();
        return here.isEmpty()
                ? null
                : new StepReplay(profile.timing().model(), here, run.startEpochNanos());
    }

    /** What the front takes besides what is simulated: an order, and the overhead of a step. */
    private long frontNanos() {
        long allNanos = Math.round(fleet.frontMillis() * 1e6);
        return Math.max(0, allNanos - MESSAGE_DELAY_NANOS - profile.timing().overheadNanos());
    }

    private static SimRequest later(SimRequest request, long byNanos) {
        return new SimRequest(
                request.arrivalNanos() + byNanos, request.spec(), request.outputTokens());
    }

    /** By the client's clock. */
    private static SimOutcome seen(SimOutcome outcome, long frontNanos) {
        return new SimOutcome(
                outcome.request(),
                outcome.timelines().stream()
                        .map(t -> new SequenceTimeline(LiveRun.shifted(t, frontNanos)))
                        .toList(),
                outcome.refused(),
                outcome.cancelled());
    }
}
