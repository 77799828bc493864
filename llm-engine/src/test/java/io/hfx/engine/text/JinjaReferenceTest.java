package io.hfx.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.jinja.Template;
import io.hfx.engine.jinja.TemplateException;
import io.hfx.engine.jinja.builtin.Globals;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Value;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Small templates render, or are refused, as by transformers' Jinja; make_jinja_cases.py wrote
 * them.
 */
class JinjaReferenceTest {
    private static final String REFUSED = "refused";

    @Test
    void rendersAndRefusesAsTransformersDoes() throws IOException {
        JsonNode file;
        try (InputStream in = getClass().getResourceAsStream("jinja-cases.json")) {
            file = new ObjectMapper().readTree(in);
        }
        Clock clock = Clock.fixed(Instant.parse(file.path("now").asText()), ZoneOffset.UTC);
        Map<String, Value> functions = Globals.of(clock);
        Map<String, Value> variables = new HashMap<>();
        file.path("variables")
                .properties()
                .forEach(e -> variables.put(e.getKey(), JsonValues.of(e.getValue())));
        List<String> different = new ArrayList<>();
        for (JsonNode each : file.path("cases")) {
            String template = each.path("template").asText();
            String expected = each.path("text").asText(REFUSED);
            String found = render(template, variables, functions);
            if (!(each.has("text") ? found.equals(expected) : found.startsWith(REFUSED))) {
                different.add(template + "\n  expected " + expected + "\n  found    " + found);
            }
        }
        assertTrue(file.path("cases").size() > 2000, "cases: " + file.path("cases").size());
        assertEquals("", String.join("\n", different), different.size() + " differ");
    }

    private static String render(
            String template, Map<String, Value> variables, Map<String, Value> functions) {
        try {
            return Template.parse(template).render(variables, functions);
        } catch (TemplateException | EvaluationException e) {
            return REFUSED + ": " + e.getMessage();
        }
    }
}
