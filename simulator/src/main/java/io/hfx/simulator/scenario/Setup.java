package io.hfx.simulator.scenario;

import io.hfx.engine.prefix.PrefixStore;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.kv.RestoreSpec;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.simulator.fleet.SimFleet;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.fleet.SimSettings;
import io.hfx.simulator.fleet.SimWorkerSpec;
import io.hfx.simulator.fleet.StepTiming;
import io.hfx.simulator.profile.Profile;
import io.hfx.simulator.profile.Profiles;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scenario with all that it names at hand: the profile, the trace. Immutable; serves any number
 * of runs, on any thread.
 */
public final class Setup {
    private final Scenario scenario;
    private final Profile profile;
    private final Offer offer;
    private final @Nullable Path data;

    /**
     * Looks up what the scenario names.
     *
     * @param data folder of traces, or null where there is none
     * @throws ScenarioException if something is not there
     */
    public Setup(Scenario scenario, @Nullable Path data) {
        this.scenario = scenario;
        this.profile = adapted(Profiles.find(scenario.fleet().profile()), scenario);
        this.offer = new Offer(scenario, profile, data);
        this.data = data;
    }

    /** Another scenario, with the same folder of traces. */
    Setup with(Scenario other) {
        return new Setup(other, data);
    }

    public Scenario scenario() {
        return scenario;
    }

    /** As the scenario changes it: its noise, its context. */
    Profile profile() {
        return profile;
    }

    Iterator<SimRequest> requests(double perSecond, double seconds, long seed) {
        return offer.requests(perSecond, seconds, seed);
    }

    /** A fleet that has run nothing yet. */
    SimFleet fleet(Entrant entrant, int queueLimit, long seed) {
        return fleet(entrant, queueLimit, seed, null);
    }

    /** A fleet that tells what it decides, if anybody listens. */
    SimFleet fleet(
            Entrant entrant, int queueLimit, long seed, Decision.@Nullable Listener decisions) {
        FleetSpec spec = scenario.fleet();
        requireCapabilities(entrant.policy());
        List<SimWorkerSpec> workers = workers(seed);
        SimSettings settings =
                new SimSettings(
                        entrant.policy(),
                        entrant.config(),
                        new DispatcherLimits(queueLimit, queueLimit),
                        workers,
                        profile.network(Math.round(spec.messageDelayMillis() * 1e6))
                                .withLossShare(spec.transferLossShare()),
                        spec.cacheTokens(),
                        seed);
        SimFleet fleet = new SimFleet(settings, SimFleet.Log.NONE, decisions);
        for (FleetSpec.Failure failure : spec.failures()) {
            fail(fleet, workers.get(failure.worker()), failure);
        }
        return fleet;
    }

    /** Where there is a prefix cache, they copy KV from and to it as fast as over their link. */
    private List<SimWorkerSpec> workers(long seed) {
        FleetSpec spec = scenario.fleet();
        List<SimWorkerSpec> workers = profile.workers(spec.workers(), spec.modelError(), seed);
        if (spec.cacheTokens() == 0) {
            return workers;
        }
        double tokenNanos = profile.kvTokenBytes() * 1e9 / profile.linkBytesPerSecond();
        RestoreSpec restore = new RestoreSpec(PrefixStore.BLOCK_TOKENS, tokenNanos);
        return workers.stream().map(w -> w.told(w.spec().restoring(restore))).toList();
    }

    private static void fail(SimFleet fleet, SimWorkerSpec worker, FleetSpec.Failure failure) {
        WorkerSpec lost = worker.spec();
        long atNanos = Math.round(failure.atSeconds() * 1e9);
        fleet.loseWorkerAt(atNanos, lost.id());
        Double back = failure.backAfterSeconds();
        if (back != null) {
            WorkerId next = new WorkerId(lost.id().name() + "-after-" + failure.atSeconds());
            fleet.joinWorkerAt(atNanos + Math.round(back * 1e9), worker.told(lost.named(next)));
        }
    }

    private void requireCapabilities(Policy policy) {
        if (policy.requires().contains(Policy.Capability.INTERRUPT)
                && profile.timing().slices() < 2) {
            throw new ScenarioException(
                    policy.name()
                            + " interrupts steps, and those of profile "
                            + profile.name()
                            + " have one slice");
        }
    }

    private static Profile adapted(Profile p, Scenario scenario) {
        StepTiming t = p.timing();
        Double noise = scenario.fleet().noiseSigma();
        int context = scenario.load().contextTokens();
        return new Profile(
                p.name(),
                p.model(),
                p.device(),
                p.source(),
                noise == null ? t : t.withNoise(noise),
                context == 0
                        ? p.kv()
                        : new KvBudget.Blocks(p.kv().blocks(), p.kv().blockTokens(), context),
                p.kvTokenBytes(),
                p.maxSequences(),
                p.linkBytesPerSecond());
    }
}
