package io.hfx.simulator.scenario;

import io.hfx.simulator.profile.ModelError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Workers of one kind, what lies between them, and what befalls them.
 *
 * @param profile name of a latency profile, or of its file
 * @param workers how many, 1 to 10,000
 * @param noiseSigma of the logarithm of each step's time, 0 to 2; null for the profile's
 * @param modelBias factor on what the scheduler believes of step times, 0.01 to 100
 * @param modelSigma spread of that factor over coefficients and workers, 0 to 2
 * @param modelLearns whether the scheduler corrects its belief by what it measures
 * @param messageDelayMillis between dispatcher and workers, one way, 0 to 60,000
 * @param transferLossShare share of KV transfers that fail, 0 to 1
 * @param queueLimit requests that may wait centrally, with an objective and without, each; those
 *     beyond it are refused
 * @param cacheTokens most that the prefix cache of all workers holds, 0 to 100,000,000; 0 for none
 * @param failures workers that are lost
 */
public record FleetSpec(
        String profile,
        int workers,
        @Nullable Double noiseSigma,
        double modelBias,
        double modelSigma,
        boolean modelLearns,
        double messageDelayMillis,
        double transferLossShare,
        int queueLimit,
        int cacheTokens,
        List<Failure> failures) {
    private static final int MOST_WORKERS = 10_000;

    public FleetSpec {
        Limits.given("fleet.profile", profile);
        Limits.count("fleet.workers", workers, 1, MOST_WORKERS);
        if (noiseSigma != null) {
            Limits.number("fleet.noiseSigma", noiseSigma, 0, 2);
        }
        Limits.number("fleet.modelBias", modelBias, 0.01, 100);
        Limits.number("fleet.modelSigma", modelSigma, 0, 2);
        Limits.number("fleet.messageDelayMillis", messageDelayMillis, 0, 60_000);
        Limits.number("fleet.transferLossShare", transferLossShare, 0, 1);
        Limits.count("fleet.queueLimit", queueLimit, 1, 100_000_000);
        Limits.count("fleet.cacheTokens", cacheTokens, 0, 100_000_000);
        failures = List.copyOf(Limits.given("fleet.failures", failures));
        for (Failure failure : failures) {
            Limits.count("fleet.failures.worker", failure.worker(), 0, workers - 1);
        }
    }

    /**
     * A worker that is lost, with its KV.
     *
     * @param worker its number, from 0
     * @param atSeconds when
     * @param backAfterSeconds when another takes its place; null for never
     */
    public record Failure(int worker, double atSeconds, @Nullable Double backAfterSeconds) {
        public Failure {
            Limits.number("fleet.failures.atSeconds", atSeconds, 0, 86_400);
            if (backAfterSeconds != null) {
                Limits.number("fleet.failures.backAfterSeconds", backAfterSeconds, 0.001, 86_400);
            }
        }
    }

    ModelError modelError() {
        return new ModelError(modelBias, modelSigma, modelLearns);
    }
}
