package io.hfx.plugin.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An OpenAPI description as a JSON file. Written as 3.1 it still says {@code nullable} in places,
 * as 3.0 had it: that is turned into what JSON Schema knows.
 */
public final class ApiDescription {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REF = "$ref";

    private final ObjectNode schemas;

    public ApiDescription(Path file) throws IOException {
        JsonNode root = JSON.readTree(file.toFile());
        this.schemas = (ObjectNode) root.at("/components/schemas");
        nullable(schemas);
    }

    private static void nullable(JsonNode node) {
        node.forEach(ApiDescription::nullable);
        if (node instanceof ObjectNode object && object.path("nullable").isBoolean()) {
            boolean nullable = object.remove("nullable").booleanValue();
            if (nullable) {
                ObjectNode stated = object.deepCopy();
                object.removeAll();
                ArrayNode either = object.putArray("anyOf");
                either.add(stated);
                either.addObject().put("type", "null");
            }
        }
    }

    /** Says null too is a value of one field of a choice. */
    public void allowNull(String schema, String field) {
        ObjectNode stated =
                (ObjectNode)
                        schemas.at("/" + schema + "/properties/choices/items/properties/" + field);
        stated.put("nullable", true);
        nullable(stated);
    }

    /** What is wrong with a value; empty where it is one of the named schema. */
    public List<String> errors(String schema, JsonNode value) {
        ObjectNode root = JSON.createObjectNode();
        root.put(REF, "#/components/schemas/" + schema);
        ObjectNode used = root.putObject("components").putObject("schemas");
        collect(schema, used);
        Schema compiled =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(root);
        return compiled.validate(value).stream().map(Object::toString).toList();
    }

    private void collect(String schema, ObjectNode used) {
        if (!used.has(schema)) {
            JsonNode node = schemas.required(schema);
            used.set(schema, node);
            node.findValuesAsText(REF).forEach(ref -> collect(name(ref), used));
        }
    }

    private static String name(String ref) {
        return ref.substring(ref.lastIndexOf('/') + 1);
    }

    /** The properties of an object schema, those of the parts that it is all of first. */
    public Map<String, JsonNode> properties(String schema) {
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        collectProperties(schemas.required(schema), properties);
        return properties;
    }

    private void collectProperties(JsonNode schema, Map<String, JsonNode> properties) {
        JsonNode node = resolve(schema);
        node.path("allOf").forEach(part -> collectProperties(part, properties));
        node.path("properties")
                .properties()
                .forEach(each -> properties.put(each.getKey(), each.getValue()));
    }

    private JsonNode resolve(JsonNode schema) {
        return schema.has(REF) ? schemas.required(name(schema.path(REF).asText())) : schema;
    }

    /** A value that the schema allows, as small as may be; null where that is all it allows. */
    public JsonNode example(JsonNode schema) {
        JsonNode node = resolve(schema);
        for (String some : List.of("anyOf", "oneOf")) {
            if (node.has(some)) {
                return example(node.path(some).get(0));
            }
        }
        if (node.has("enum")) {
            return node.path("enum").get(0);
        }
        ObjectNode out = JSON.createObjectNode();
        return switch (node.path("type").asText()) {
            case "boolean" -> out.booleanNode(true);
            case "integer" -> out.numberNode(Math.max(1, node.path("minimum").asInt(1)));
            case "number" -> out.numberNode(0.5);
            case "string" -> out.textNode("x");
            case "array" -> out.arrayNode().add(example(node.path("items")));
            case "object" -> object(node, out);
            default -> out.nullNode();
        };
    }

    private ObjectNode object(JsonNode schema, ObjectNode out) {
        schema.path("required")
                .forEach(
                        name -> {
                            String field = name.asText();
                            out.set(field, example(schema.path("properties").path(field)));
                        });
        return out;
    }
}
