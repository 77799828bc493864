package io.hfx.plugin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.openai.RequestField.Fate;
import io.hfx.plugin.openai.RequestField.Where;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.testing.FakeModelService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The list of fields, held against the parsers and against the documentation. */
class SurfaceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final RequestLimits LIMITS =
            new ConfigReader().option("hfx_model", "fake").read().requests();
    private static final FakeModelService SERVICE = new FakeModelService();
    private static final ServedModel MODEL = SERVICE.model();

    @AfterAll
    static void stop() {
        SERVICE.close();
    }

    private static RequestParser parser(Where endpoint) {
        return endpoint == Where.CHAT ? new ChatParser() : new CompletionParser();
    }

    private static String body(Where endpoint, String more) {
        String prompt =
                endpoint == Where.CHAT
                        ? "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]"
                        : "\"prompt\":\"a\"";
        return "{\"model\":\"fake/model\"," + prompt + more + "}";
    }

    private static Fields fields(Where endpoint, String more) {
        return Fields.parse(body(endpoint, more).getBytes(UTF_8));
    }

    private static Set<String> names(Where endpoint) {
        Set<String> names = new TreeSet<>();
        for (RequestField field : Surface.ALL) {
            if (field.where().covers(endpoint)) {
                names.add(field.name());
            }
        }
        return names;
    }

    @Test
    void parsersReadExactlyTheListedFields() {
        for (Where endpoint : List.of(Where.CHAT, Where.COMPLETIONS)) {
            Fields fields = fields(endpoint, "");
            parser(endpoint).parse(fields, MODEL, LIMITS);
            assertEquals(names(endpoint), new TreeSet<>(fields.known()), endpoint.toString());
        }
    }

    @Test
    void everyFieldMayBeNull() {
        for (Where endpoint : List.of(Where.CHAT, Where.COMPLETIONS)) {
            Set<String> names = names(endpoint);
            names.removeAll(Set.of("model", "messages", "prompt"));
            StringBuilder nulls = new StringBuilder();
            names.forEach(name -> nulls.append(",\"").append(name).append("\":null"));
            parser(endpoint).parse(fields(endpoint, nulls.toString()), MODEL, LIMITS);
        }
    }

    /** No field takes an array of an array with a string. */
    @Test
    void everyFieldWithAWrongValueIsNamed() throws Exception {
        for (Where endpoint : List.of(Where.CHAT, Where.COMPLETIONS)) {
            for (String name : names(endpoint)) {
                ObjectNode body = (ObjectNode) JSON.readTree(body(endpoint, ""));
                body.putArray(name).addArray().add("?");
                Fields fields = Fields.parse(body.toString().getBytes(UTF_8));
                ApiError error =
                        assertThrows(
                                        ApiException.class,
                                        () -> parser(endpoint).parse(fields, MODEL, LIMITS),
                                        endpoint + " " + name)
                                .error();
                assertEquals(400, error.status());
                String param = String.valueOf(error.param());
                assertEquals(name, param.replaceFirst("\\[.*", ""), error.message());
            }
        }
    }

    @Test
    void documentationHasOneRowForEachField() throws Exception {
        List<String> lines =
                Files.readAllLines(Path.of("").toAbsolutePath().getParent().resolve("docs/api.md"));
        for (RequestField field : Surface.ALL) {
            String row =
                    String.format(
                            "| `%s` | %s | %s |", field.name(), where(field.where()), fate(field));
            assertEquals(
                    1,
                    lines.stream().filter(line -> line.startsWith(row)).count(),
                    "docs/api.md lacks a row that begins with: " + row);
        }
        long rows =
                lines.stream()
                        .filter(line -> line.matches("\\| `\\w+` \\| (chat|completions|both) .*"))
                        .count();
        assertEquals(Surface.ALL.size(), rows, "fields in docs/api.md");
    }

    private static String where(Where where) {
        return where.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static String fate(RequestField field) {
        if (field.fate() == Fate.NEUTRAL) {
            return "only " + field.allowed();
        }
        return switch (field.fate()) {
            case HONOURED -> "honoured";
            case NO_EFFECT -> "no effect";
            default -> "refused";
        };
    }
}
