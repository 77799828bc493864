package io.hfx.plugin.openai;

import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.http.Caller;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides which objectives, class and priority a request has. Pure.
 *
 * <p>The places are, in order: headers, the body's {@code slo}, {@code service_tier}, the default
 * class. The first place that states anything gives the objectives: those of the class it names,
 * each replaced by the one stated beside it. A place with objectives but no class takes the name
 * and {@code on_miss} of the next class in order, not that class's objectives. {@code
 * Request-Timeout-Ms} then bounds the end-to-end objective. Objectives under the name best-effort
 * are reported as class {@code custom}.
 */
public final class SloResolver {
    /** Name of the class of requests with objectives of their own and no configured class. */
    static final String CUSTOM = "custom";

    static final int DEFAULT_PRIORITY = 3;
    static final int MIN_PRIORITY = -1_000_000;
    static final int MAX_PRIORITY = 1_000_000;

    private static final Set<String> TIERS =
            Set.of("auto", "default", "flex", "priority", "scale", "fast");

    private static final List<String> PREFIXES = List.of("x-slo-", "x-llm-d-slo-");
    private static final String TIMEOUT = "request-timeout-ms";

    private final SloClasses classes;
    private final boolean mayTighten;
    private final SloClass unstated;

    /** For clients that may use every class and state any objective. */
    public SloResolver(SloClasses classes) {
        this(classes, true);
    }

    private SloResolver(SloClasses classes, boolean mayTighten) {
        this.classes = classes;
        this.mayTighten = mayTighten;
        this.unstated = named(classes.defaultClass(), classes.defaultClass().slo());
    }

    /**
     * For one caller: with the classes of its key, and, unless it is trusted, only objectives that
     * are no tighter than those of one of them. Otherwise whoever states the tightest objective
     * wins over all others.
     */
    SloResolver of(Caller caller) {
        Set<String> allowed = caller.sloClasses();
        return new SloResolver(
                allowed == null ? classes : classes.only(allowed), caller.mayTighten());
    }

    /** All values of a header, in order; names in any case. */
    public interface Headers extends Function<String, List<String>> {}

    /**
     * The class with the objectives that hold for a request.
     *
     * @throws ApiException 400 that names the header or field
     */
    SloClass resolve(Headers headers, StatedSlo body, @Nullable String serviceTier) {
        StatedSlo header = headers(headers);
        Optional<SloClass> headerClass = named("x-slo-class", header.className());
        Optional<SloClass> bodyClass = named("slo.class", body.className());
        Optional<SloClass> tierClass = tier(serviceTier);
        SloClass base =
                headerClass.or(() -> bodyClass).or(() -> tierClass).orElse(classes.defaultClass());
        Slo slo;
        if (header.states()) {
            slo = header.over(headerClass.map(SloClass::slo).orElse(Slo.BEST_EFFORT));
        } else if (body.states()) {
            slo = body.over(bodyClass.map(SloClass::slo).orElse(Slo.BEST_EFFORT));
        } else {
            slo = base.slo();
        }
        Slo bounded = bounded(slo, millis(headers, TIMEOUT));
        if (!mayTighten) {
            SloAllowance.check(bounded, classes.all());
        }
        return named(base, bounded);
    }

    /** Whether a header of this name, in any case, may state something of a request. */
    public static boolean isRead(String header) {
        for (String prefix : PREFIXES) {
            if (header.regionMatches(true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return header.equalsIgnoreCase(TIMEOUT);
    }

    /** The class of a request that states nothing. */
    public SloClass unstated() {
        return unstated;
    }

    /** As the other, for a request that states objectives in headers only. */
    public SloClass resolve(Headers headers) {
        return resolve(headers, StatedSlo.NOTHING, null);
    }

    /** DJL's priority: lower goes first. The header wins over the body's field. */
    int priority(Headers headers, OptionalInt body) {
        Optional<String> header = single(headers, "x-priority");
        int priority = header.isEmpty() ? body.orElse(DEFAULT_PRIORITY) : priority(header.get());
        if (!mayTighten && priority < DEFAULT_PRIORITY) {
            throw ApiError.forbidden(
                            header.isEmpty() ? "priority" : "x-priority",
                            "slo_not_allowed",
                            "This key's requests must have a priority of at least "
                                    + DEFAULT_PRIORITY)
                    .asException();
        }
        return priority;
    }

    private static int priority(String text) {
        if (text.matches("-?[0-9]{1,7}")) {
            int priority = Integer.parseInt(text);
            if (priority >= MIN_PRIORITY && priority <= MAX_PRIORITY) {
                return priority;
            }
        }
        throw Fields.bad(
                "x-priority",
                "x-priority must be a whole number from " + MIN_PRIORITY + " to " + MAX_PRIORITY);
    }

    private static SloClass named(SloClass base, Slo slo) {
        if (base.name().equals(SloClass.BEST_EFFORT.name()) && !slo.isBestEffort()) {
            return new SloClass(CUSTOM, slo, OnMiss.DEMOTE, 1);
        }
        return base.with(slo);
    }

    private static Slo bounded(Slo slo, long timeoutNanos) {
        return new Slo(slo.ttftNanos(), slo.tpotNanos(), Math.min(slo.e2eNanos(), timeoutNanos));
    }

    private StatedSlo headers(Headers headers) {
        return new StatedSlo(
                single(headers, "x-slo-class").orElse(null),
                millis(headers, "x-slo-ttft-ms", "x-llm-d-slo-ttft-ms"),
                millis(headers, "x-slo-tpot-ms", "x-llm-d-slo-tpot-ms"),
                millis(headers, "x-slo-e2e-ms"));
    }

    private Optional<SloClass> named(String where, @Nullable String name) {
        if (name == null) {
            return Optional.empty();
        }
        Optional<SloClass> found = classes.find(name);
        if (found.isEmpty()) {
            throw Fields.bad(
                    where, where + " must be one of " + String.join(", ", classes.names()));
        }
        return found;
    }

    /** The tier means a class where one has its name, and nothing otherwise. */
    private Optional<SloClass> tier(@Nullable String tier) {
        if (tier == null) {
            return Optional.empty();
        }
        if (!TIERS.contains(tier)) {
            throw Fields.bad(
                    "service_tier",
                    "service_tier must be one of auto, default, flex, priority, scale, fast");
        }
        return classes.find(tier);
    }

    /** The tier that an answer names: the stated one where its class holds, or null for none. */
    static @Nullable String heldTier(@Nullable String stated, SloClass held) {
        if (stated == null) {
            return null;
        }
        return stated.equals(held.name()) ? stated : "default";
    }

    /** The first of some headers that is present, in nanoseconds. */
    private static long millis(Headers headers, String... names) {
        for (String name : names) {
            Optional<String> text = single(headers, name);
            if (text.isPresent()) {
                return nanos(name, text.get());
            }
        }
        return Slo.NONE;
    }

    private static long nanos(String name, String text) {
        double millis =
                text.matches("[0-9]{1,8}(\\.[0-9]{1,6})?") ? Double.parseDouble(text) : Double.NaN;
        if (!(millis >= StatedSlo.MIN_MS && millis <= StatedSlo.MAX_MS)) {
            throw Fields.bad(
                    name, name + " must be a number of milliseconds from 0.001 to 86400000");
        }
        return Math.round(millis * 1e6);
    }

    private static Optional<String> single(Headers headers, String name) {
        List<String> values = headers.apply(name);
        if (values.size() > 1) {
            throw Fields.bad(name, name + " must be stated once");
        }
        return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0).strip());
    }
}
