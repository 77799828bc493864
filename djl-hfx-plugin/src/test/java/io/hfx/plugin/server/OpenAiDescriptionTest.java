package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.testing.ApiDescription;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds a real server against OpenAI's OpenAPI description, of which HFX_OPENAI_SPEC names a copy
 * in JSON; skipped without it.
 */
@EnabledIfEnvironmentVariable(
        named = "HFX_OPENAI_SPEC",
        matches = ".+",
        disabledReason = "it names no copy of OpenAI's description")
class OpenAiDescriptionTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";

    @TempDir static Path folder;

    private static ApiDescription description;
    private static StandaloneServer server;

    @BeforeAll
    static void start() throws Exception {
        description = new ApiDescription(Path.of(System.getenv("HFX_OPENAI_SPEC")));
        // Null until the last chunk, as OpenAI itself sends it; the description forgets it.
        description.allowNull("CreateCompletionResponse", "finish_reason");
        SampleModel.create(SampleModel.Size.TINY, folder, 1);
        server =
                StandaloneServer.start(
                        new ConfigReader()
                                .option("hfx_model", folder)
                                .option("hfx_model_id", "sample")
                                .option("hfx_port", 0)
                                .option("hfx_context_tokens", 256)
                                .read(),
                        new CheckpointModels());
        server.awaitLoaded();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static ObjectNode body(String path) {
        ObjectNode body =
                JSON.createObjectNode().put("model", "sample").put("max_tokens", 3).put("seed", 1);
        if (path.equals(CHAT)) {
            body.putArray("messages").addObject().put("role", "user").put("content", "Hello");
        } else {
            body.put("prompt", "Hello");
        }
        return body;
    }

    private static Answer post(String path, ObjectNode body) throws Exception {
        try (HttpSocket socket = new HttpSocket(server.port())) {
            socket.post(path, body.toString());
            return socket.answer();
        }
    }

    private static void isOf(String schema, JsonNode value) {
        assertEquals(List.of(), description.errors(schema, value), value.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, CreateChatCompletionRequest, chat",
        "/v1/completions, CreateCompletionRequest, completions"
    })
    void everyFieldIsDocumentedAndHonouredOrNamed(String path, String schema, String endpoint)
            throws Exception {
        List<String> docs = Files.readAllLines(Path.of("..", "docs", "api.md"));
        List<String> wrong = new ArrayList<>();
        Map<String, JsonNode> fields = description.properties(schema);
        assertTrue(fields.size() >= 17, fields.keySet().toString());
        for (Map.Entry<String, JsonNode> field : fields.entrySet()) {
            String name = field.getKey();
            String row = "\\| `" + name + "` \\| (" + endpoint + "|both) \\| .*";
            if (docs.stream().noneMatch(line -> line.matches(row))) {
                wrong.add(name + " is not in docs/api.md");
            }
            if (Set.of("model", "messages", "prompt").contains(name)) {
                continue;
            }
            JsonNode example = description.example(field.getValue());
            ObjectNode body = body(path);
            body.remove("max_tokens");
            body.put("max_completion_tokens", 1);
            body.set(name, example);
            Answer answer = post(path, body);
            String param =
                    answer.status() == 400
                            ? JSON.readTree(answer.body()).at("/error/param").asText()
                            : "";
            if (answer.status() != 200 && !param.matches(name + "([.\\[].*)?")) {
                wrong.add(name + ": " + example + " gives " + answer.status() + answer.body());
            }
            System.out.println(
                    endpoint + " " + name + "=" + example + " -> " + answer.status() + " " + param);
        }
        assertEquals(List.of(), wrong);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"n\":2,\"seed\":1}",
                "{\"logprobs\":true,\"top_logprobs\":2}",
                "{\"service_tier\":\"auto\",\"temperature\":0}",
                "{\"stop\":[\"a\",\"e\"],\"max_tokens\":20}"
            })
    void chatAnswersAreAsDescribed(String options) throws Exception {
        answersAreAsDescribed(
                CHAT,
                options,
                "CreateChatCompletionResponse",
                "CreateChatCompletionStreamResponse");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"n\":2,\"echo\":true}",
                "{\"logprobs\":2}",
                "{\"prompt\":[[1,2],[3]]}"
            })
    void completionsAreAsDescribed(String options) throws Exception {
        answersAreAsDescribed(
                COMPLETIONS, options, "CreateCompletionResponse", "CreateCompletionResponse");
    }

    private static void answersAreAsDescribed(
            String path, String options, String whole, String chunk) throws Exception {
        ObjectNode body = body(path);
        body.setAll((ObjectNode) JSON.readTree(options));
        Answer answer = post(path, body);
        assertEquals(200, answer.status(), answer.body());
        isOf(whole, JSON.readTree(answer.body()));
        body.put("stream", true);
        int plain = chunksAreAsDescribed(post(path, body), chunk, false);
        body.putObject("stream_options").put("include_usage", true);
        assertEquals(plain + 1, chunksAreAsDescribed(post(path, body), chunk, true));
    }

    private static int chunksAreAsDescribed(Answer answer, String schema, boolean nullUsage)
            throws Exception {
        List<String> events =
                answer.body().lines().filter(line -> line.startsWith("data: ")).toList();
        assertEquals("data: [DONE]", events.get(events.size() - 1));
        for (String event : events.subList(0, events.size() - 1)) {
            ObjectNode chunk = (ObjectNode) JSON.readTree(event.substring(6));
            if (nullUsage && chunk.path("usage").isNull()) {
                // Documented in words only: null in all chunks but the last.
                chunk.remove("usage");
            }
            isOf(schema, chunk);
        }
        return events.size() - 1;
    }

    @Test
    void modelsAndErrorsAreAsDescribed() throws Exception {
        isOf("ListModelsResponse", get("/v1/models"));
        isOf("Model", get("/v1/models/sample"));
        isOf("ErrorResponse", get("/v1/models/none"));
        isOf("ErrorResponse", get("/v1/nothing"));
        ObjectNode wrong = body(CHAT).put("made_up", 1);
        isOf("ErrorResponse", JSON.readTree(post(CHAT, wrong).body()));
        isOf("ErrorResponse", JSON.readTree(post(COMPLETIONS, JSON.createObjectNode()).body()));
    }

    /** The check can fail: a choice without its index is none. */
    @Test
    void theValidatorSeesWhatIsMissing() throws Exception {
        ObjectNode answer = (ObjectNode) JSON.readTree(post(CHAT, body(CHAT)).body());
        ((ObjectNode) answer.at("/choices/0")).remove("index");
        assertEquals(1, description.errors("CreateChatCompletionResponse", answer).size());
        answer.put("object", "chat");
        assertEquals(2, description.errors("CreateChatCompletionResponse", answer).size());
    }

    private static JsonNode get(String path) throws Exception {
        try (HttpSocket socket = new HttpSocket(server.port())) {
            socket.raw("GET " + path + " HTTP/1.1\r\n\r\n");
            return JSON.readTree(socket.answer().body());
        }
    }
}
