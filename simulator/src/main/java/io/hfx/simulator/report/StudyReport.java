package io.hfx.simulator.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.simulator.scenario.Bounds;
import io.hfx.simulator.scenario.Entrant;
import io.hfx.simulator.scenario.Figures;
import io.hfx.simulator.scenario.RunResult;
import io.hfx.simulator.scenario.Scenario;
import io.hfx.simulator.scenario.Study;
import io.hfx.simulator.scenario.StudyResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What a study found, as its JSON file has it.
 *
 * @param schema of this record, 1
 * @param scenario all of it
 * @param seeds asked for; a policy that did not go on has the first alone
 * @param referencePerSecond requests per second that rate 1.0 stands for
 * @param policies by name
 * @param sweeps by axis, then value of the axis, then policy
 * @param bounds reference lines
 * @param runs every single run
 * @param produced by what
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record StudyReport(
        int schema,
        Scenario scenario,
        List<Long> seeds,
        double referencePerSecond,
        Map<String, PolicyFigures> policies,
        double sweepRate,
        Map<String, Map<String, Map<String, SweptFigures>>> sweeps,
        BoundFigures bounds,
        List<RunResult> runs,
        Produced produced) {
    private static final int SCHEMA = 1;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** One policy at one value of an axis; intervals over seeds. TTFT is the mean of a run's. */
    public record SweptFigures(
            Interval attainment,
            Interval minClass,
            Interval metPerSecond,
            Interval ttftMillis,
            Interval cachedShare) {
        static SweptFigures of(List<RunResult> runs) {
            return new SweptFigures(
                    interval(runs, r -> r.overall().attainment()),
                    interval(runs, RunResult::minClass),
                    interval(runs, RunResult::metPerSecond),
                    interval(runs, r -> r.overall().ttftMillis().mean()),
                    interval(runs, RunResult::cachedShare));
        }

        private static Interval interval(List<RunResult> runs, ToDoubleFunction<RunResult> of) {
            return Interval.of(runs.stream().mapToDouble(of).toArray());
        }
    }

    /**
     * Reference lines; see {@link Bounds.Found}.
     *
     * @param unlimitedFleet attainment; below 0 where it was not asked for
     * @param clairvoyant attainment by rate
     * @param relaxed attainment by name, then rate; one seed
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record BoundFigures(
            double unlimitedFleet,
            Map<String, Double> clairvoyant,
            Map<String, Map<String, Double>> relaxed) {}

    /** The report of a study. */
    public static StudyReport of(StudyResult result, Produced produced) {
        Map<String, PolicyFigures> policies = new LinkedHashMap<>();
        List<RunResult> all = new ArrayList<>();
        List<RunResult> ours = result.runs().getOrDefault(Study.OURS, List.of());
        for (Entrant entrant : result.plan().entrants()) {
            List<RunResult> runs = result.runs().getOrDefault(entrant.name(), List.of());
            Map<String, String> settings = new TreeMap<>(entrant.config().values());
            policies.put(entrant.name(), PolicyFigures.of(settings, runs, ours));
            all.addAll(runs);
        }
        return new StudyReport(
                SCHEMA,
                result.plan().scenario(),
                result.plan().seeds(),
                Figures.rounded(result.referencePerSecond()),
                policies,
                result.plan().sweepRate(),
                sweeps(result.sweeps()),
                bounds(result.bounds()),
                all,
                produced);
    }

    private static Map<String, Map<String, Map<String, SweptFigures>>> sweeps(
            List<StudyResult.Swept> swept) {
        Map<String, Map<String, Map<String, SweptFigures>>> sweeps = new LinkedHashMap<>();
        for (StudyResult.Swept sweep : swept) {
            Map<String, Map<String, SweptFigures>> values = new LinkedHashMap<>();
            for (StudyResult.Point point : sweep.points()) {
                Map<String, SweptFigures> policies = new LinkedHashMap<>();
                point.runs().forEach((p, runs) -> policies.put(p, SweptFigures.of(runs)));
                values.put(point.value(), policies);
            }
            sweeps.put(sweep.axis(), values);
        }
        return sweeps;
    }

    private static BoundFigures bounds(Bounds.Found found) {
        Map<String, Map<String, Double>> relaxed = new LinkedHashMap<>();
        found.relaxed()
                .forEach(
                        (name, runs) ->
                                relaxed.put(
                                        name,
                                        PolicyFigures.means(
                                                PolicyFigures.byRate(
                                                        runs, r -> r.overall().attainment()))));
        return new BoundFigures(found.unlimitedFleet(), found.clairvoyant(), relaxed);
    }

    /** The same report without the single runs. */
    public StudyReport summary() {
        return new StudyReport(
                schema,
                scenario,
                seeds,
                referencePerSecond,
                policies,
                sweepRate,
                sweeps,
                bounds,
                List.of(),
                produced);
    }

    /** As JSON, with line breaks. */
    public String json() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
