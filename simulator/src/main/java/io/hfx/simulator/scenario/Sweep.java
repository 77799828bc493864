package io.hfx.simulator.scenario;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One property of a scenario that is varied while the rest stays.
 *
 * @param axis a name of {@link #AXES}, or the path of a field
 * @param values in the order given, as text
 */
public record Sweep(String axis, List<String> values) {
    private static final int MOST_VALUES = 50;

    /** The axis of the size of the prefix cache. */
    public static final String CACHE = "cache";

    /** Short names: the field each sets, and the text that it sets it to. */
    private static final Map<String, Field> FIELDS = fields();

    /** Short names of axes with what they vary. */
    public static final Map<String, String> AXES = axes();

    private record Field(String path, String text, String about) {}

    public Sweep {
        values = values.stream().distinct().toList();
        if (!FIELDS.containsKey(axis) && !axis.contains(".")) {
            throw new ScenarioException(
                    "--sweep takes one of "
                            + FIELDS.keySet()
                            + " or the path of a field, was "
                            + axis);
        }
        Limits.count("--sweep values", values.size(), 1, MOST_VALUES);
    }

    /** Reads {@code AXIS=V,V,...}. */
    public static Sweep parse(String text) {
        String[] sides = text.split("=", 2);
        if (sides.length < 2 || sides[0].isBlank() || sides[1].isBlank()) {
            throw new ScenarioException("--sweep must read AXIS=V,V,..., was " + text);
        }
        return new Sweep(sides[0].strip(), List.of(sides[1].strip().split("\\s*,\\s*")));
    }

    /** The scenario with one value of the axis. */
    public Scenario apply(Scenario scenario, String value) {
        Field field = FIELDS.getOrDefault(axis, new Field(axis, "%s", ""));
        return Scenarios.with(scenario, Map.of(field.path(), field.text().formatted(value)));
    }

    private static Map<String, Field> fields() {
        Map<String, Field> fields = new LinkedHashMap<>();
        fields.put("slo-scale", new Field("slo.scale", "%s", "factor on every objective"));
        fields.put("cv", new Field("load.arrivals", "gamma:%s", "burstiness of arrivals"));
        fields.put("workers", new Field("fleet.workers", "%s", "fleet size, same load a worker"));
        fields.put(
                "predictor-bias",
                new Field("load.prediction", "noisy:%s,0.5", "error of predicted lengths"));
        fields.put(
                "predictor-sigma",
                new Field("load.prediction", "noisy:1,%s", "spread of predicted lengths"));
        fields.put("model-bias", new Field("fleet.modelBias", "%s", "error of the latency model"));
        fields.put("noise", new Field("fleet.noiseSigma", "%s", "noise of step times"));
        fields.put("delay", new Field("fleet.messageDelayMillis", "%s", "message delay in ms"));
        fields.put(CACHE, new Field("fleet.cacheTokens", "%s", "prefix cache in tokens"));
        return fields;
    }

    private static Map<String, String> axes() {
        Map<String, String> axes = new LinkedHashMap<>();
        FIELDS.forEach((name, field) -> axes.put(name, field.about()));
        return axes;
    }
}
