package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sampling.LogitBias;
import io.hfx.engine.sampling.SamplingParams;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.testing.ByteTokenizer;
import io.hfx.plugin.testing.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sampling fields on their way in; logprobs and ends of text on their way out. */
class LogprobsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void script(String text, int... more) {
        int[] start = new ByteTokenizer().encode(text, false);
        int[] ids = java.util.Arrays.copyOf(start, start.length + more.length);
        System.arraycopy(more, 0, ids, start.length, more.length);
        server.model.script = ids;
    }

    private String chat(String fields) throws Exception {
        return server.post(
                        "/v1/chat/completions",
                        "{\"model\":\"fake/model\",\"messages\":"
                                + "[{\"role\":\"user\",\"content\":\"a\"}],"
                                + fields
                                + "}")
                .body();
    }

    private String completion(String fields) throws Exception {
        return server.post(
                        "/v1/completions",
                        "{\"model\":\"fake/model\",\"prompt\":\"a\"," + fields + "}")
                .body();
    }

    private static List<JsonNode> events(String body) throws Exception {
        List<JsonNode> events = new ArrayList<>();
        for (String line : body.lines().toList()) {
            if (line.startsWith("data: {")) {
                events.add(JSON.readTree(line.substring(6)).at("/choices/0"));
            }
        }
        return events;
    }

    private static JsonNode choice(String body) throws Exception {
        return JSON.readTree(body).at("/choices/0");
    }

    private static String entry(String token, String bytes, String top) {
        return "{\"token\":\""
                + token
                + "\",\"logprob\":-0.5,\"bytes\":["
                + bytes
                + "],\"top_logprobs\":["
                + top
                + "]}";
    }

    @Test
    void chatHasOpenAisShapeWithTrueBytes() throws Exception {
        script("aé", ByteTokenizer.END);
        String z =
                ",{\"token\":\"bytes:\\\\xe2\",\"logprob\":-1.0,\"bytes\":[226]},"
                        + "{\"token\":\"z\",\"logprob\":-9999.0,\"bytes\":[122]}";
        String a = "{\"token\":\"a\",\"logprob\":-0.5,\"bytes\":[97]}";
        String lead = "{\"token\":\"bytes:\\\\xc3\",\"logprob\":-0.5,\"bytes\":[195]}";
        String trail = "{\"token\":\"bytes:\\\\xa9\",\"logprob\":-0.5,\"bytes\":[169]}";
        String first = entry("a", "97", a + z);
        String second = entry("bytes:\\\\xc3", "195", lead + z);
        String third = entry("bytes:\\\\xa9", "169", trail + z);
        JsonNode whole = JSON.readTree(chat("\"logprobs\":true,\"top_logprobs\":3"));
        assertEquals(
                "{\"content\":[" + first + "," + second + "," + third + "],\"refusal\":null}",
                whole.at("/choices/0/logprobs").toString());
        assertEquals(4, whole.at("/usage/completion_tokens").asInt(), "the end token counts");
        List<JsonNode> events =
                events(chat("\"logprobs\":true,\"top_logprobs\":3,\"stream\":true"));
        assertEquals(5, events.size());
        assertTrue(events.get(0).path("logprobs").isNull(), "the role's chunk");
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    "{\"content\":[" + List.of(first, second, third).get(i) + "],\"refusal\":null}",
                    events.get(i + 1).path("logprobs").toString());
        }
        assertTrue(events.get(4).path("logprobs").isNull(), "the end's chunk");
        assertEquals("stop", events.get(4).path("finish_reason").asText());
    }

    @Test
    void chatWithoutAlternativesListsNone() throws Exception {
        script("a");
        assertEquals(
                "{\"content\":[" + entry("a", "97", "") + "],\"refusal\":null}",
                choice(chat("\"logprobs\":true")).path("logprobs").toString());
        assertTrue(choice(chat("\"logprobs\":false")).path("logprobs").isNull());
    }

    @Test
    void completionsHaveFourListsAndOffsetsInCharacters() throws Exception {
        script("aé😀b");
        String expected =
                "{\"tokens\":[\"a\",\"bytes:\\\\xc3\",\"bytes:\\\\xa9\",\"bytes:\\\\xf0\","
                        + "\"bytes:\\\\x9f\",\"bytes:\\\\x98\",\"bytes:\\\\x80\",\"b\"],"
                        + "\"token_logprobs\":[-0.5,-0.5,-0.5,-0.5,-0.5,-0.5,-0.5,-0.5],"
                        + "\"top_logprobs\":[{\"a\":-0.5},{\"bytes:\\\\xc3\":-0.5},"
                        + "{\"bytes:\\\\xa9\":-0.5},{\"bytes:\\\\xf0\":-0.5},"
                        + "{\"bytes:\\\\x9f\":-0.5},{\"bytes:\\\\x98\":-0.5},"
                        + "{\"bytes:\\\\x80\":-0.5},{\"b\":-0.5}],"
                        + "\"text_offset\":[0,1,1,2,2,2,2,3]}";
        for (int alternatives : new int[] {0, 1}) {
            String body = completion("\"logprobs\":" + alternatives);
            assertEquals(expected, choice(body).path("logprobs").toString());
        }
        List<JsonNode> events = events(completion("\"logprobs\":2,\"stream\":true"));
        assertEquals(
                "{\"tokens\":[\"b\"],\"token_logprobs\":[-0.5],"
                        + "\"top_logprobs\":[{\"b\":-0.5,\"bytes:\\\\xe2\":-1.0}],"
                        + "\"text_offset\":[3]}",
                events.get(7).path("logprobs").toString());
    }

    @Test
    void tokensOfAStopStringHaveEntriesAndNoText() throws Exception {
        script("ab<e>cd");
        for (String stream : List.of("false", "true")) {
            String body = chat("\"logprobs\":true,\"stop\":\"<e>\",\"stream\":" + stream);
            List<String> tokens = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            List<JsonNode> choices = stream.equals("true") ? events(body) : List.of(choice(body));
            for (JsonNode each : choices) {
                each.at("/logprobs/content").forEach(t -> tokens.add(t.path("token").asText()));
                text.append(each.at("/delta/content").asText())
                        .append(each.at("/message/content").asText());
            }
            assertEquals(List.of("a", "b", "<", "e", ">"), tokens);
            assertEquals("ab", text.toString());
        }
    }

    @Test
    void theStopMayBePartOfTheTextAndMayComeFirst() throws Exception {
        script("xyz", 'q');
        JsonNode included =
                choice(completion("\"stop\":[\"yz\"],\"include_stop_str_in_output\":true"));
        assertEquals("xyz", included.path("text").asText());
        assertEquals("stop", included.path("finish_reason").asText());
        assertEquals("", choice(completion("\"stop\":[\"x\"]")).path("text").asText());
        JsonNode token = JSON.readTree(completion("\"stop_token_ids\":[122]"));
        assertEquals("xy", token.at("/choices/0/text").asText());
        assertEquals("stop", token.at("/choices/0/finish_reason").asText());
        assertEquals(3, token.at("/usage/completion_tokens").asInt());
        assertEquals(
                "xyz",
                choice(
                                completion(
                                        "\"stop_token_ids\":[122],"
                                                + "\"include_stop_str_in_output\":true"))
                        .path("text")
                        .asText());
    }

    @Test
    void stopStringsAreLookedForAfterTheLeastTokens() throws Exception {
        script("xxaxxb");
        assertEquals(
                "xxa", choice(completion("\"stop\":\"x\",\"min_tokens\":3")).path("text").asText());
    }

    @Test
    void fieldsReachTheServiceAsStated() throws Exception {
        chat(
                "\"temperature\":0.5,\"top_p\":0.9,\"top_k\":-1,\"min_p\":0.1,"
                        + "\"repetition_penalty\":1.2,\"presence_penalty\":-2,"
                        + "\"frequency_penalty\":2,\"logit_bias\":{\"319\":-100,\"7\":1.5},"
                        + "\"seed\":-3,\"logprobs\":true,\"top_logprobs\":20,\"min_tokens\":2,"
                        + "\"stop_token_ids\":[319,0,0],\"ignore_eos\":true,"
                        + "\"max_completion_tokens\":4");
        GenerationRequest request = server.model.nextSubmitted();
        assertEquals(
                SamplingParams.builder()
                        .temperature(0.5)
                        .topP(0.9)
                        .minP(0.1)
                        .repetitionPenalty(1.2)
                        .presencePenalty(-2)
                        .frequencyPenalty(2)
                        .logitBias(LogitBias.of(Map.of(319, -100f, 7, 1.5f)))
                        .seed(-3)
                        .build(),
                request.sampling());
        assertEquals(20, request.logprobs());
        assertEquals(2, request.minTokens());
        assertEquals(Set.of(319, 0), request.stopTokenIds());
        assertTrue(request.ignoreEos());
        completion("\"top_k\":7,\"logprobs\":5,\"logit_bias\":{},\"frequency_penalty\":null");
        GenerationRequest other = server.model.nextSubmitted();
        assertEquals(7, other.sampling().topK());
        assertEquals(5, other.logprobs());
        assertEquals(LogitBias.NONE, other.sampling().logitBias());
    }
}
