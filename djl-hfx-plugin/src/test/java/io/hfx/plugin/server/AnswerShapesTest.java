package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.testing.ByteTokenizer;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.TestServer;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The exact JSON and headers of answers, for builds without OpenAI's description and clients. */
class AnswerShapesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern CREATED = Pattern.compile("\"created\":[0-9]+");
    private static final String USER = "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]";
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer();
        server.model.script = new ByteTokenizer().encode("Hi", false);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer post(String path, String fields, String... headers) throws Exception {
        String[] all = new String[headers.length + 1];
        all[0] = "x-request-id: r1";
        System.arraycopy(headers, 0, all, 1, headers.length);
        return server.post(path, "{\"model\":\"fake/model\"," + fields + "}", all);
    }

    private static String fixed(Answer answer) {
        return CREATED.matcher(answer.body()).replaceAll("\"created\":0").replace('"', '\'');
    }

    private static String usage(int prompt, int completion) {
        return "'usage':{'prompt_tokens':"
                + prompt
                + ",'completion_tokens':"
                + completion
                + ",'total_tokens':"
                + (prompt + completion)
                + ",'prompt_tokens_details':{'cached_tokens':0}"
                + ",'completion_tokens_details':{'reasoning_tokens':0}}";
    }

    @Test
    void chat() throws Exception {
        Answer answer = post(CHAT, USER + ",\"service_tier\":\"priority\"");
        assertEquals(
                "{'id':'chatcmpl-r1','object':'chat.completion','created':0,'model':'fake/model',"
                        + "'service_tier':'priority','choices':[{'index':0,'message':"
                        + "{'role':'assistant','content':'Hi','refusal':null},'logprobs':null,"
                        + "'finish_reason':'stop'}],"
                        + usage(19, 2)
                        + "}",
                fixed(answer));
        assertEquals("priority", answer.headers().get("x-hfx-slo-class"));
        assertTrue(answer.headers().get("openai-processing-ms").matches("[0-9]+"));
    }

    @Test
    void completionsStreamWithEcho() throws Exception {
        Answer answer = post(COMPLETIONS, "\"prompt\":\"say: \",\"echo\":true,\"stream\":true");
        assertEquals(
                piece("say: ", "null")
                        + piece("H", "null")
                        + piece("i", "null")
                        + piece("", "'stop'")
                        + "data: [DONE]\n\n",
                fixed(answer));
        assertEquals("chat", answer.headers().get("x-hfx-slo-class"));
    }

    private static String piece(String text, String finish) {
        return "data: {'id':'cmpl-r1','object':'text_completion','created':0,"
                + "'model':'fake/model','choices':[{'index':0,'text':'"
                + text
                + "','logprobs':null,'finish_reason':"
                + finish
                + "}]}\n\n";
    }

    @Test
    void aBlankAtTheBeginningCountsWhereATextGoesOn() throws Exception {
        try (TestServer other = new TestServer()) {
            other.model.dropsFirstBlank = true;
            other.model.script = new ByteTokenizer().encode(" Hi", false);
            String model = "{\"model\":\"fake/model\",";
            JsonNode completion =
                    JSON.readTree(other.post(COMPLETIONS, model + "\"prompt\":\"say\"}").body());
            assertEquals(" Hi", completion.at("/choices/0/text").asText());
            JsonNode chat = JSON.readTree(other.post(CHAT, model + USER + "}").body());
            assertEquals("Hi", chat.at("/choices/0/message/content").asText());
        }
    }

    @Test
    void echoStandsBeforeEveryChoiceOfItsPrompt() throws Exception {
        JsonNode choices =
                JSON.readTree(
                                post(COMPLETIONS, "\"prompt\":[\"a\",\"b\"],\"n\":2,\"echo\":true")
                                        .body())
                        .path("choices");
        assertEquals(List.of("aHi", "aHi", "bHi", "bHi"), choices.findValuesAsText("text"));
        String ids = post(COMPLETIONS, "\"prompt\":[104,105],\"echo\":true").body();
        assertEquals("hiHi", JSON.readTree(ids).at("/choices/0/text").asText());
    }

    @Test
    void continuousUsageCountsUpInEveryChunk() throws Exception {
        String body =
                post(
                                CHAT,
                                USER
                                        + ",\"stream\":true,\"stream_options\":"
                                        + "{\"include_usage\":true,\"continuous_usage_stats\":true}")
                        .body();
        List<Integer> counts =
                body.lines()
                        .filter(line -> line.startsWith("data: {"))
                        .map(line -> completionTokens(line.substring(6)))
                        .toList();
        assertEquals(List.of(1, 1, 2, 2, 2), counts);
    }

    private static int completionTokens(String chunk) {
        try {
            return JSON.readTree(chunk).at("/usage/completion_tokens").asInt(-1);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theTierThatDoesNotHoldIsDefault() throws Exception {
        for (String fields :
                List.of(
                        ",\"service_tier\":\"flex\"",
                        ",\"service_tier\":\"priority\",\"slo\":{\"class\":\"chat\"}")) {
            JsonNode answer = JSON.readTree(post(CHAT, USER + fields).body());
            assertEquals("default", answer.path("service_tier").asText());
        }
        assertTrue(JSON.readTree(post(CHAT, USER).body()).path("service_tier").isMissingNode());
    }

    @Test
    void models() throws Exception {
        String model =
                "{'id':'fake/model','object':'model','created':1700000000,'owned_by':'hfx',"
                        + "'max_model_len':512}";
        assertEquals(
                "{'object':'list','data':[" + model.replace("1700000000", "0") + "]}",
                fixed(server.get("/v1/models")));
        assertEquals(
                model.replace("1700000000", "0"), fixed(server.get("/v1/models/fake%2Fmodel")));
    }

    @Test
    void errorsHaveOpenAisCodes() throws Exception {
        error(USER + ",\"made_up\":1", "made_up", "unknown_parameter", "Unknown field made_up");
        error("\"n\":1", "messages", "missing_required_parameter", "messages must be stated");
        error(USER + ",\"stream\":1", "stream", "invalid_type", "stream must be true or false");
        error(USER + ",\"n\":0", "n", "invalid_value", "n must be a whole number from 1 to 16");
        error(
                USER + ",\"store\":true",
                "store",
                "unsupported_value",
                "store must be false: this server keeps no answers");
        error(
                USER + ",\"audio\":{}",
                "audio",
                "unsupported_parameter",
                "audio is not supported: this server gives text only");
    }

    private static void error(String fields, String param, String code, String message)
            throws Exception {
        assertEquals(
                "{'error':{'message':'"
                        + message
                        + "','type':'invalid_request_error','param':'"
                        + param
                        + "','code':'"
                        + code
                        + "'}}",
                fixed(post(CHAT, fields)));
    }

    @Test
    void refusalsAreOpenAisErrors() throws Exception {
        try (TestServer own = new TestServer()) {
            String body = "{\"model\":\"fake/model\"," + USER + "}";
            own.model.refusal = new Refusal(429, "queue-full", "Full", 0);
            assertEquals(
                    "{'error':{'message':'Full','type':'rate_limit_error','param':null,"
                            + "'code':'rate_limit_exceeded'}}",
                    fixed(own.post(CHAT, body)));
            own.model.refusal = new Refusal(503, "deadline-passed", "Late", 0);
            assertEquals(
                    "{'error':{'message':'Late','type':'server_error','param':null,"
                            + "'code':'deadline-passed'}}",
                    fixed(own.post(CHAT, body)));
            own.model.refusal = new Refusal(400, "too-long", "Too long", 0);
            Answer never = own.post(CHAT, body);
            assertEquals(
                    "{'error':{'message':'Too long','type':'invalid_request_error','param':null,"
                            + "'code':'context_length_exceeded'}}",
                    fixed(never));
            assertEquals(null, never.headers().get("retry-after"));
        }
    }

    @Test
    void wholeNumbersMayHaveAPointAndNothingBehindIt() throws Exception {
        server.model.submitted.clear();
        post(
                COMPLETIONS,
                "\"prompt\":[1.0,2],\"n\":2.0,\"max_tokens\":3e0,\"seed\":7.0,"
                        + "\"stop_token_ids\":[9.0],\"top_k\":5.0");
        GenerationRequest request = server.model.nextSubmitted();
        assertEquals(2, request.choices());
        assertEquals(3, request.maxTokens());
        assertEquals(7, request.sampling().seed());
        assertEquals(5, request.sampling().topK());
        assertEquals(1, request.prompts().get(0)[0]);
    }

    @Test
    void specialTokensAreShownWhereAskedFor() throws Exception {
        try (TestServer own = new TestServer()) {
            own.model.script = new int[] {'a', ByteTokenizer.BEGIN, 'b'};
            String body = "{\"model\":\"fake/model\",\"prompt\":\"x\"";
            Answer hidden = own.post(COMPLETIONS, body + "}");
            assertEquals("ab", JSON.readTree(hidden.body()).at("/choices/0/text").asText());
            Answer shown = own.post(COMPLETIONS, body + ",\"skip_special_tokens\":false}");
            assertEquals("a<begin>b", JSON.readTree(shown.body()).at("/choices/0/text").asText());
        }
    }

    @Test
    void anEmptyPromptIsTheBeginToken() throws Exception {
        server.model.submitted.clear();
        for (String prompt : List.of("\"n\":1", "\"prompt\":null", "\"prompt\":\"\"")) {
            assertEquals(200, post(COMPLETIONS, prompt).status());
            int[] tokens = server.model.nextSubmitted().prompts().get(0);
            assertEquals(1, tokens.length);
            assertEquals(ByteTokenizer.BEGIN, tokens[0]);
        }
    }
}
