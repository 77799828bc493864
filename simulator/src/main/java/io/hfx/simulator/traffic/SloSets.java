package io.hfx.simulator.traffic;

import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.workload.WorkloadException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** SLO sets of the literature, by name. Numbers are milliseconds unless they say otherwise. */
public final class SloSets {
    private static final long MS = 1_000_000L;
    private static final double NONE = 0;

    /** Four classes of unlike urgency; ours. */
    private static final List<SloClass> HFX =
            List.of(
                    of("code", 350, 40, NONE),
                    of("chat", 500, 50, NONE),
                    of("summarise", 3_000, 100, NONE),
                    new SloClass("batch", slo(10_000, 200, NONE), OnMiss.DEMOTE, 0.5));

    /** SCORPIO (arXiv 2505.23022), its six categories for an 8B model. */
    private static final List<SloClass> SCORPIO =
            List.of(
                    of("s1", 500, 30, NONE),
                    of("s2", 2_000, 30, NONE),
                    of("s3", 3_000, 30, NONE),
                    of("s4", 500, 50, NONE),
                    of("s5", 1_000, 50, NONE),
                    of("s6", 7_500, 50, NONE));

    /** Niyama (arXiv 2503.22562): an interactive tier and two batch tiers by time to last token. */
    private static final List<SloClass> NIYAMA =
            List.of(
                    of("interactive", 6_000, 50, NONE),
                    of("batch-600s", NONE, NONE, 600_000),
                    of("batch-1800s", NONE, NONE, 1_800_000));

    /** DistServe (OSDI 2024): chat on OPT-13B. */
    private static final List<SloClass> DISTSERVE = List.of(of("chat", 250, 100, NONE));

    /** Ascendra (arXiv 2504.20828): ShareGPT and LongBench on 7B and 8B models. */
    private static final List<SloClass> ASCENDRA =
            List.of(of("chat", 1_000, 150, NONE), of("long", 2_500, 150, NONE));

    private static final Map<String, List<SloClass>> NAMED = named();

    private SloSets() {}

    /** Names of the sets that need nothing more. */
    public static List<String> names() {
        return List.copyOf(NAMED.keySet());
    }

    /**
     * The classes of a set by their names.
     *
     * @throws WorkloadException if there is no such set; the message lists those there are
     */
    public static Map<String, SloClass> named(String name) {
        List<SloClass> set = NAMED.get(name);
        if (set == null) {
            throw new WorkloadException(
                    "SLO set must be one of " + NAMED.keySet() + ", was " + name);
        }
        return byName(set);
    }

    /**
     * AdaServe (arXiv 2501.12162): TPOT only, of which one is relative to the model; in its mix 60,
     * 20 and 20 % of the requests.
     *
     * @param decodeNanos of a step with one decode on an idle worker
     */
    public static Map<String, SloClass> adaServe(long decodeNanos) {
        return byName(
                List.of(
                        of("coding", NONE, 1.2 * decodeNanos / MS, NONE),
                        of("chat", NONE, 50, NONE),
                        of("summarise", NONE, 150, NONE)));
    }

    /**
     * SLOs-Serve (arXiv 2504.08784): TTFT as a slow-down against an idle worker, for one prompt
     * length a class, and one TPOT.
     *
     * @param tight three times and 50 ms, otherwise five times and 100 ms
     * @param prefillNanos by class: prefill of its typical prompt on an idle worker
     */
    public static Map<String, SloClass> slosServe(boolean tight, Map<String, Long> prefillNanos) {
        List<SloClass> set = new ArrayList<>();
        prefillNanos.forEach(
                (name, nanos) ->
                        set.add(
                                of(
                                        name,
                                        (tight ? 3.0 : 5.0) * nanos / MS,
                                        tight ? 50 : 100,
                                        NONE)));
        return byName(set);
    }

    private static Map<String, List<SloClass>> named() {
        Map<String, List<SloClass>> sets = new LinkedHashMap<>();
        sets.put("hfx-4", HFX);
        sets.put("scorpio-6", SCORPIO);
        sets.put("niyama-3", NIYAMA);
        sets.put("distserve", DISTSERVE);
        sets.put("ascendra", ASCENDRA);
        return sets;
    }

    private static Map<String, SloClass> byName(List<SloClass> set) {
        Map<String, SloClass> classes = new LinkedHashMap<>();
        set.forEach(c -> classes.put(c.name(), c));
        return Collections.unmodifiableMap(classes);
    }

    private static SloClass of(String name, double ttftMs, double tpotMs, double e2eMs) {
        return new SloClass(name, slo(ttftMs, tpotMs, e2eMs), OnMiss.DEMOTE, 1);
    }

    private static Slo slo(double ttftMs, double tpotMs, double e2eMs) {
        return new Slo(nanos(ttftMs), nanos(tpotMs), nanos(e2eMs));
    }

    private static long nanos(double ms) {
        return ms == NONE ? Slo.NONE : Math.round(ms * MS);
    }
}
