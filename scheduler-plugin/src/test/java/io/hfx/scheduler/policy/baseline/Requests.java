package io.hfx.scheduler.policy.baseline;

import static java.util.stream.Collectors.joining;

import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetPolicy.Route;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Short ways to say what the tests of the baselines need. */
public final class Requests {
    private Requests() {}

    /** Objectives in milliseconds; 0 for none. */
    public static Slo slo(long ttftMillis, long tpotMillis, long e2eMillis) {
        return new Slo(nanos(ttftMillis), nanos(tpotMillis), nanos(e2eMillis));
    }

    private static long nanos(long millis) {
        return millis == 0 ? Slo.NONE : millis * FakeWorker.MS;
    }

    public static RequestSpec request(long id, Slo slo, int prompt, int output) {
        SloClass c = new SloClass("c", slo, OnMiss.DEMOTE, 1);
        return new RequestSpec(id, c, 3, List.of(prompt), 1, output);
    }

    public static Waiting waiting(long id, Slo slo, int prompt, int output) {
        return new Waiting(request(id, slo, prompt, output), 0, false, false);
    }

    public static FleetPolicy fleet(String policy, String... settings) {
        return Policies.named(policy, Requests.class.getClassLoader()).fleet(config(settings));
    }

    public static StepPolicy step(String policy, String... settings) {
        return Policies.named(policy, Requests.class.getClassLoader()).step(config(settings));
    }

    private static PolicyConfig config(String... settings) {
        Map<String, String> values = new HashMap<>();
        for (String setting : settings) {
            List<String> pair = List.of(setting.split("=", -1));
            values.put(pair.get(0), pair.get(1));
        }
        return new PolicyConfig(values);
    }

    /**
     * For example {@code w0}, {@code w0 for 3} where it displaces, {@code hold}, {@code refuse}.
     */
    public static String route(FleetPolicy policy, Waiting request, FleetView fleet) {
        Route route = policy.route(request, fleet);
        return route instanceof Route.Bind bind
                ? bind.worker().name()
                        + bind.displaced().stream().map(d -> " for " + d).collect(joining())
                : route instanceof Route.Refuse
                        ? "refuse"
                        : route.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** Routes and, where it binds, does what the dispatcher would. */
    public static String bind(FleetPolicy policy, Waiting request, FleetView fleet) {
        String to = route(policy, request, fleet);
        fleet.workers().stream()
                .map(w -> (FakeWorker) w)
                .filter(w -> w.spec().id().name().equals(to))
                .forEach(
                        w -> {
                            w.unstarted.add(request);
                            w.freeKvUnits -= w.kvCost(request.request());
                            policy.bound(request, w);
                        });
        return to;
    }

    /** For example {@code d1 d2 p3:100}: decodes, then chunks. */
    public static String said(Composition step) {
        StringBuilder said = new StringBuilder();
        step.decodes().forEach(k -> said.append(" d").append(k.requestId()));
        step.chunks()
                .forEach(
                        c ->
                                said.append(" p")
                                        .append(c.sequence().requestId())
                                        .append(':')
                                        .append(c.tokens()));
        return said.toString().trim();
    }
}
