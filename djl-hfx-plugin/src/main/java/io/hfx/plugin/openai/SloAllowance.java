package io.hfx.plugin.openai;

import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a client that is not trusted may ask for: objectives of which each is no tighter than the
 * one of some single class (a class without an objective allows none there).
 */
final class SloAllowance {
    private SloAllowance() {}

    /**
     * Checks objectives.
     *
     * @param classes that the client may use
     * @throws ApiException 403 that names the objective
     */
    static void check(Slo slo, List<SloClass> classes) {
        boolean allowed =
                slo.isBestEffort()
                        || classes.stream().anyMatch(each -> isNoTighter(slo, each.slo()));
        if (allowed) {
            return;
        }
        check("ttft_ms", Slo::ttftNanos, slo, classes);
        check("tpot_ms", Slo::tpotNanos, slo, classes);
        check("e2e_ms", Slo::e2eNanos, slo, classes);
        throw forbidden(
                "slo", "These objectives together are tighter than every class of this key");
    }

    private static boolean isNoTighter(Slo slo, Slo bound) {
        return slo.ttftNanos() >= bound.ttftNanos()
                && slo.tpotNanos() >= bound.tpotNanos()
                && slo.e2eNanos() >= bound.e2eNanos();
    }

    private static void check(
            String name, ToLongFunction<Slo> objective, Slo slo, List<SloClass> classes) {
        long tightest =
                classes.stream()
                        .mapToLong(each -> objective.applyAsLong(each.slo()))
                        .min()
                        .orElse(Slo.NONE);
        if (objective.applyAsLong(slo) >= tightest) {
            return;
        }
        throw forbidden(
                name,
                tightest == Slo.NONE
                        ? "No class of this key has the objective " + name
                        : "This key's " + name + " must be at least " + tightest / 1e6);
    }

    private static ApiException forbidden(String param, String message) {
        return ApiError.forbidden(param, "slo_not_allowed", message).asException();
    }
}
