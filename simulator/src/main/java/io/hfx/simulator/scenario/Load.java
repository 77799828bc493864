package io.hfx.simulator.scenario;

import io.hfx.simulator.traffic.OutputPrediction;
import io.hfx.simulator.workload.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What arrives: a mix of shapes, a recorded trace, or the clients of a recorded pool.
 *
 * @param mix kinds of requests; empty where there is something else
 * @param trace what is replayed, or null
 * @param serveGen whose clients send, or null
 * @param arrivals the process of a mix: poisson, gamma:CV, burst:FACTOR@START+LENGTH or
 *     diurnal:AMPLITUDE@PERIOD+PHASE
 * @param flipAtSeconds when {@code shareAfter} takes the place of {@code share}; null for never
 * @param lengthScale factor on all lengths, 0.001 to 100
 * @param contextTokens that a request may have, longer ones are clamped; 0 for the profile's
 * @param maxTokens what clients allow as output; longer outputs are allowed what they need
 * @param tenants share of each tenant; none where empty. Clients of a pool are tenants by
 *     themselves
 * @param prediction what schedulers are told of output lengths: none, oracle or noisy:BIAS,SIGMA
 */
public record Load(
        List<Part> mix,
        @Nullable TraceSource trace,
        @Nullable ServeGenSource serveGen,
        String arrivals,
        @Nullable Double flipAtSeconds,
        double lengthScale,
        int contextTokens,
        int maxTokens,
        Map<String, Double> tenants,
        String prediction) {
    private static final int MOST_PARTS = 100;
    private static final int MOST_TOKENS = 10_000_000;

    public Load {
        mix = List.copyOf(Limits.given("load.mix", mix));
        Limits.given("load.arrivals", arrivals);
        Limits.given("load.prediction", prediction);
        if (count(!mix.isEmpty(), trace != null, serveGen != null) != 1) {
            throw new ScenarioException("load needs one of mix, trace and serveGen");
        }
        boolean apart = mix.stream().anyMatch(part -> part.arrivals() != null);
        if (apart && flipAtSeconds != null) {
            throw new ScenarioException("load.flipAtSeconds does not go with load.mix.arrivals");
        }
        tenants = shares("load.tenants", tenants);
        if (serveGen != null && !tenants.isEmpty()) {
            throw new ScenarioException("load.tenants does not go with load.serveGen");
        }
        Limits.count("load.mix", mix.size(), 0, MOST_PARTS);
        Limits.number("load.lengthScale", lengthScale, 0.001, 100);
        Limits.count("load.contextTokens", contextTokens, 0, MOST_TOKENS);
        Limits.count("load.maxTokens", maxTokens, 0, MOST_TOKENS);
        predictor(prediction);
    }

    private static int count(boolean... given) {
        int count = 0;
        for (boolean each : given) {
            count += each ? 1 : 0;
        }
        return count;
    }

    private static Map<String, Double> shares(String field, @Nullable Map<String, Double> given) {
        Map<String, Double> shares = new LinkedHashMap<>(Limits.given(field, given));
        shares.forEach((name, v) -> Limits.number(field + "." + name, v, 1e-9, 1e9));
        return Collections.unmodifiableMap(shares);
    }

    /**
     * One kind of request: lengths of a built-in shape, or log-uniform between bounds.
     *
     * @param sloClass its SLO class
     * @param share of the requests, above 0; shares need not add up to 1
     * @param shareAfter its share after the flip; null for the same
     * @param shape name of a shape, or null where bounds are given
     * @param promptTokens least and most, or null
     * @param outputTokens least and most, or null
     * @param arrivals a process of its own, or null for that of all
     */
    public record Part(
            String sloClass,
            double share,
            @Nullable Double shareAfter,
            @Nullable String shape,
            @Nullable List<Integer> promptTokens,
            @Nullable List<Integer> outputTokens,
            @Nullable String arrivals) {
        public Part {
            Limits.given("load.mix.sloClass", sloClass);
            Limits.number("load.mix.share", share, 0, 1e9);
            if (shareAfter != null) {
                Limits.number("load.mix.shareAfter", shareAfter, 0, 1e9);
            }
            if ((shape == null) != (promptTokens != null && outputTokens != null)) {
                throw new ScenarioException(
                        "load.mix needs either a shape or both promptTokens and outputTokens");
            }
        }

        Shape lengths() {
            if (shape != null) {
                return Shape.named(shape);
            }
            return Shape.of(
                    sloClass,
                    List.of(
                            new Shape.Range(
                                    sloClass,
                                    1,
                                    bound("promptTokens", promptTokens, 0),
                                    bound("promptTokens", promptTokens, 1),
                                    bound("outputTokens", outputTokens, 0),
                                    bound("outputTokens", outputTokens, 1))));
        }

        private static int bound(String field, @Nullable List<Integer> bounds, int i) {
            boolean fits = bounds != null && bounds.size() == 2 && bounds.get(0) <= bounds.get(1);
            if (bounds == null || !fits || bounds.get(0) < 1) {
                throw new ScenarioException(
                        "load.mix." + field + " must be [least, most] from 1 up, was " + bounds);
            }
            return bounds.get(i);
        }
    }

    /**
     * A recorded trace; each seed starts at another place of it and goes round.
     *
     * @param file in the data folder
     * @param classes share of each SLO class, since traces carry none
     */
    public record TraceSource(String file, Map<String, Double> classes) {
        public TraceSource {
            Limits.given("load.trace.file", file);
            classes = shares("load.trace.classes", classes);
        }
    }

    /**
     * The clients of a pool of ServeGen's; each seed takes another part of the recording.
     *
     * @param folder unpacked, in the data folder
     * @param fromSeconds of the recording, at least 0
     * @param toSeconds of the recording, later
     * @param others shape of clients whose lengths are not known; null where there must be none
     * @param classes share of each SLO class, since the pools carry none
     */
    public record ServeGenSource(
            String folder,
            double fromSeconds,
            double toSeconds,
            @Nullable String others,
            Map<String, Double> classes) {
        private static final double MOST_SECONDS = 1e9;

        public ServeGenSource {
            Limits.given("load.serveGen.folder", folder);
            Limits.number("load.serveGen.fromSeconds", fromSeconds, 0, MOST_SECONDS);
            Limits.number("load.serveGen.toSeconds", toSeconds, fromSeconds + 1, MOST_SECONDS);
            classes = shares("load.serveGen.classes", classes);
        }
    }

    /** The SLO classes that arrive. */
    Set<String> sloClasses() {
        if (trace != null) {
            return trace.classes().keySet();
        }
        if (serveGen != null) {
            return serveGen.classes().keySet();
        }
        return mix.stream().map(Part::sloClass).collect(Collectors.toCollection(TreeSet::new));
    }

    OutputPrediction predictor() {
        return predictor(prediction);
    }

    private static OutputPrediction predictor(String text) {
        if (text.equals("none")) {
            return new OutputPrediction.None();
        }
        if (text.equals("oracle")) {
            return OutputPrediction.Noisy.ORACLE;
        }
        String[] parts = text.replaceFirst("^noisy:", "").split(",", -1);
        if (text.startsWith("noisy:") && parts.length == 2) {
            try {
                return new OutputPrediction.Noisy(
                        Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
            } catch (NumberFormatException e) {
                // the message below says what is allowed
            } catch (IllegalArgumentException e) {
                throw new ScenarioException("load.prediction: " + e.getMessage());
            }
        }
        throw new ScenarioException(
                "load.prediction must be none, oracle or noisy:BIAS,SIGMA, was " + text);
    }
}
