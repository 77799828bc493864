package io.hfx.simulator.scenario;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The built-in scenarios, and those of the user. A file states what differs from {@code
 * defaults.json}; single fields can be set over it by their path, for example {@code
 * fleet.workers}.
 */
public final class Scenarios {
    /** Names of the built-in ones: each is a resource file beside this class. */
    public static final List<String> BUILT_IN =
            List.of(
                    "headline",
                    "smoke",
                    "demo",
                    "scorpio6",
                    "bursty",
                    "diurnal",
                    "mix-flip",
                    "phased",
                    "failures",
                    "slos-serve",
                    "azure-code",
                    "azure-conversation",
                    "mooncake",
                    "servegen");

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Scenarios() {}

    /**
     * A built-in scenario, or that of a file.
     *
     * @param nameOrFile a name of {@link #BUILT_IN}, otherwise a path
     * @param fields values by path that replace those of the file, in JSON or as plain text
     * @throws ScenarioException if there is none, or it is malformed
     */
    public static Scenario find(String nameOrFile, Map<String, String> fields) {
        if (BUILT_IN.contains(nameOrFile)) {
            return parse(resource(nameOrFile + ".json"), nameOrFile, fields);
        }
        Path file = Path.of(nameOrFile);
        if (!Files.isRegularFile(file)) {
            throw new ScenarioException(
                    "no scenario "
                            + nameOrFile
                            + "; there are "
                            + String.join(", ", BUILT_IN)
                            + ", or the name of a file");
        }
        try {
            return parse(Files.readAllBytes(file), nameOrFile, fields);
        } catch (IOException e) {
            throw new ScenarioException(nameOrFile + ": cannot be read: " + e);
        }
    }

    /** The same scenario with other values at these paths. */
    public static Scenario with(Scenario scenario, Map<String, String> fields) {
        ObjectNode tree = JSON.valueToTree(scenario);
        fields.forEach((path, text) -> set(tree, path, text));
        return bind(tree, scenario.name());
    }

    private static Scenario parse(byte[] json, String where, Map<String, String> fields) {
        try {
            ObjectNode tree = object(resource("defaults.json"), "defaults");
            merge(tree, object(json, where));
            fields.forEach((path, text) -> set(tree, path, text));
            if (!tree.hasNonNull("name")) {
                tree.put("name", where);
            }
            return bind(tree, where);
        } catch (JacksonException e) {
            throw new ScenarioException(where + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Scenario bind(ObjectNode tree, String where) {
        try {
            return JSON.treeToValue(tree, Scenario.class);
        } catch (JacksonException e) {
            String own = e.getCause() instanceof ScenarioException s ? s.getMessage() : null;
            throw new ScenarioException(where + ": " + (own == null ? path(e) : own));
        }
    }

    /** Which field, and what is wrong, in one line. */
    private static String path(JacksonException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("malformed");
        if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
            return message;
        }
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            String name = step.getFieldName();
            path.append(name == null ? "[" + step.getIndex() + "]" : "." + name);
        }
        return path.substring(1) + ": " + message;
    }

    private static ObjectNode object(byte[] json, String where) throws IOException {
        if (JSON.readTree(json) instanceof ObjectNode object) {
            return object;
        }
        throw new ScenarioException(where + ": must be a JSON object");
    }

    private static void merge(ObjectNode under, ObjectNode over) {
        for (Map.Entry<String, JsonNode> field : over.properties()) {
            JsonNode below = under.get(field.getKey());
            if (below instanceof ObjectNode a && field.getValue() instanceof ObjectNode b) {
                merge(a, b);
            } else {
                under.set(field.getKey(), field.getValue());
            }
        }
    }

    private static void set(ObjectNode tree, String path, String text) {
        String[] names = path.split("\\.", -1);
        ObjectNode at = tree;
        for (int i = 0; i < names.length - 1; i++) {
            if (!(at.get(names[i]) instanceof ObjectNode next)) {
                throw new ScenarioException("no field " + path + " in a scenario");
            }
            at = next;
        }
        String last = names[names.length - 1];
        if (!at.has(last)) {
            throw new ScenarioException("no field " + path + " in a scenario");
        }
        at.set(last, value(text));
    }

    private static JsonNode value(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            return JSON.getNodeFactory().textNode(text);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = Scenarios.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read", e);
        }
    }
}
