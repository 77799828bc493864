package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.TestServer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way in which a request can be wrong or refused, with its status and error body. */
class ErrorsTest {
    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server =
                new TestServer(
                        "hfx_max_body_bytes", "4096",
                        "hfx_max_header_bytes", "2048",
                        "hfx_max_prompts", "3",
                        "hfx_max_choices", "4",
                        "hfx_max_output_tokens", "400",
                        "hfx_max_prompt_tokens", "500",
                        "hfx_max_stop_chars", "8",
                        "hfx_max_logit_bias", "2",
                        "hfx_read_timeout_seconds", "0.3");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode error(Answer answer) throws Exception {
        assertEquals("application/json", answer.headers().get("content-type"));
        JsonNode error = new ObjectMapper().readTree(answer.body()).path("error");
        assertFalse(error.path("message").asText().isEmpty(), answer.body());
        assertTrue(error.has("type") && error.has("param") && error.has("code"), answer.body());
        return error;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    "prompt":5                             | prompt
                    "prompt":[]                            | prompt
                    "prompt":["a",[1]]                     | prompt
                    "prompt":["a","b","c","d"]             | prompt
                    "prompt":[1,-1]                        | prompt
                    "prompt":[1,320]                       | prompt
                    "prompt":[1,1.5]                       | prompt
                    "prompt":"a","n":0                     | n
                    "prompt":"a","n":5                     | n
                    "prompt":"a","n":"1"                   | n
                    "prompt":"a","max_tokens":0            | max_tokens
                    "prompt":"a","max_tokens":401          | max_tokens
                    "prompt":"a","max_tokens":1.5          | max_tokens
                    "prompt":"a","max_tokens":99999999999  | max_tokens
                    "prompt":"a","max_tokens":2,"max_completion_tokens":3 | max_tokens
                    "prompt":"a","temperature":2.1         | temperature
                    "prompt":"a","temperature":"hot"       | temperature
                    "prompt":"a","top_p":0                 | top_p
                    "prompt":"a","seed":0.5                | seed
                    "prompt":"a","stream":"yes"            | stream
                    "prompt":"a","stream_options":{}       | stream_options
                    "prompt":"a","stream":true,"stream_options":{"x":1} | stream_options.x
                    "prompt":"a","stop":["a","b","c","d","e"] | stop
                    "prompt":"a","stop":""                 | stop
                    "prompt":"a","stop":"123456789"        | stop
                    "prompt":"a","stop":7                  | stop
                    "prompt":"a","echo":"yes"              | echo
                    "prompt":"a","echo":true,"logprobs":1  | echo
                    "prompt":"a","suffix":"b"              | suffix
                    "prompt":"a","metadata":{}             | metadata
                    "prompt":"a","stream":true,"stream_options":{"include_obfuscation":true} | stream_options.include_obfuscation
                    "prompt":"a","stream":true,"stream_options":{"continuous_usage_stats":true} | stream_options.continuous_usage_stats
                    "prompt":"a","logprobs":6              | logprobs
                    "prompt":"a","logprobs":true           | logprobs
                    "prompt":"a","top_logprobs":1          | top_logprobs
                    "prompt":"a","best_of":2               | best_of
                    "prompt":"a","frequency_penalty":2.5   | frequency_penalty
                    "prompt":"a","presence_penalty":-2.5   | presence_penalty
                    "prompt":"a","repetition_penalty":0    | repetition_penalty
                    "prompt":"a","top_k":-2                | top_k
                    "prompt":"a","min_p":1.5               | min_p
                    "prompt":"a","min_tokens":-1           | min_tokens
                    "prompt":"a","min_tokens":3,"max_tokens":2 | min_tokens
                    "prompt":"a","stop_token_ids":[320]    | stop_token_ids
                    "prompt":"a","stop_token_ids":7        | stop_token_ids
                    "prompt":"a","include_stop_str_in_output":1 | include_stop_str_in_output
                    "prompt":"a","logit_bias":[1]          | logit_bias
                    "prompt":"a","logit_bias":{"320":1}    | logit_bias
                    "prompt":"a","logit_bias":{"a":1}      | logit_bias
                    "prompt":"a","logit_bias":{"01":1}     | logit_bias
                    "prompt":"a","logit_bias":{"1":100.5}  | logit_bias
                    "prompt":"a","logit_bias":{"1":"1"}    | logit_bias
                    "prompt":"a","logit_bias":{"1":1,"2":1,"3":1} | logit_bias
                    "prompt":"a","store":true              | store
                    "prompt":"a","made_up":1               | made_up
                    "prompt":"a","slo":{"ttft_ms":0}       | slo.ttft_ms
                    "prompt":"a","slo":{"tpot":1}          | slo.tpot
                    "prompt":"a","slo":{"class":"gold"}    | slo.class
                    "prompt":"a","slo":3                   | slo
                    "prompt":"a","service_tier":"gold"     | service_tier
                    "prompt":"a","priority":"high"         | priority
                    """)
    void wrongFieldOfCompletionsIsNamed(String fields, String param) throws Exception {
        Answer answer = server.post("/v1/completions", "{\"model\":\"fake/model\"," + fields + "}");
        assertEquals(400, answer.status(), answer.body());
        assertEquals(param, error(answer).path("param").asText());
        assertEquals("invalid_request_error", error(answer).path("type").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    "x":1                                                       | messages
                    "messages":[]                                               | messages
                    "messages":[1]                                              | messages[0]
                    "messages":[{"role":"tool","content":"a"}]                  | messages[0].tool_call_id
                    "messages":[{"role":"user"}]                                | messages[0].content
                    "messages":[{"role":"user","content":[{"type":"image_url"}]}] | messages[0].content[0].type
                    "messages":[{"role":"user","content":"a","x":1}]            | messages[0].x
                    "messages":[{"role":"user","content":"a"}],"tools":[{}]     | tools[0].type
                    "messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}}] | tools
                    "messages":[{"role":"user","content":"a"}],"reasoning_effort":"high" | reasoning_effort
                    "messages":[{"role":"user","content":"a"}],"moderation":{"model":"m"} | moderation
                    "messages":[{"role":"user","content":"a"}],"user":7         | user
                    "messages":[{"role":"user","content":"a"}],"logprobs":1     | logprobs
                    "messages":[{"role":"user","content":"a"}],"top_logprobs":2 | top_logprobs
                    "messages":[{"role":"user","content":"a"}],"logprobs":true,"top_logprobs":21 | top_logprobs
                    "messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_object"} | response_format
                    """)
    void wrongFieldOfChatIsNamed(String fields, String param) throws Exception {
        Answer answer =
                server.post("/v1/chat/completions", "{\"model\":\"fake/model\"," + fields + "}");
        assertEquals(400, answer.status(), answer.body());
        assertEquals(param, error(answer).path("param").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"model":               | not valid JSON
                    {"a":1}{"b":2}          | not valid JSON
                    {"model":"a","model":1} | not valid JSON
                    [1]                     | JSON object
                    {"n":NaN}               | not valid JSON
                    """)
    void malformedBodiesAreRefused(String body, String message) throws Exception {
        Answer answer = server.post("/v1/completions", body);
        assertEquals(400, answer.status());
        assertTrue(error(answer).path("message").asText().contains(message), answer.body());
    }

    @Test
    void deepNestingAndBadUtf8AreRefused() throws Exception {
        String deep = "{\"prompt\":" + "[".repeat(500) + "]".repeat(500) + "}";
        assertEquals(400, server.post("/v1/completions", deep).status());
        try (HttpSocket socket = server.connect()) {
            byte[] body = "{\"model\":\"?\"}".getBytes(StandardCharsets.US_ASCII);
            body[10] = (byte) 0xc3;
            socket.post("/v1/completions", body);
            Answer answer = socket.answer();
            assertEquals(400, answer.status());
            assertTrue(answer.body().contains("UTF-8"), answer.body());
        }
    }

    @Test
    void unknownModelPathAndMethod() throws Exception {
        Answer model = server.post("/v1/completions", "{\"model\":\"x\",\"prompt\":\"a\"}");
        assertEquals(404, model.status());
        assertEquals("model_not_found", error(model).path("code").asText());
        assertEquals(404, server.get("/v1/models/x").status());
        assertEquals(404, server.get("/v2").status());
        assertEquals(400, server.get("/%zz").status());
        Answer method = server.get("/v1/completions");
        assertEquals(405, method.status());
        assertEquals("POST, OPTIONS", method.headers().get("allow"));
    }

    @Test
    void contextOverflowHasItsCode() throws Exception {
        String prompt = "a".repeat(FITS);
        Answer over =
                server.post(
                        "/v1/completions",
                        "{\"model\":\"fake/model\",\"max_tokens\":112,\"prompt\":\""
                                + prompt
                                + "\"}");
        assertEquals(400, over.status());
        assertEquals("context_length_exceeded", error(over).path("code").asText());
        Answer fits =
                server.post(
                        "/v1/completions",
                        "{\"model\":\"fake/model\",\"max_tokens\":111,\"prompt\":\""
                                + prompt
                                + "\"}");
        assertEquals(200, fits.status(), fits.body());
    }

    /** With the begin token 401 of 512 tokens. */
    private static final int FITS = 400;

    @Test
    void contentTypeMustBeJson() throws Exception {
        Answer answer =
                server.post(
                        "/v1/completions", "{}", "Content-Type: application/x-www-form-urlencoded");
        assertEquals(415, answer.status());
    }

    @Test
    void largeBodyIs413AndArrives() throws Exception {
        Answer answer = server.post("/v1/completions", "x".repeat(400_000));
        assertEquals(413, answer.status());
        assertEquals("request_too_large", error(answer).path("code").asText());
        try (HttpSocket socket = server.connect()) {
            socket.raw(
                    """
                    POST /v1/completions HTTP/1.1\r
                    Content-Length: 5000\r
                    Expect: 100-continue\r
                    \r
                    """);
            assertEquals(413, socket.answer().status());
        }
    }

    @Test
    void longHeadersAndMalformedRequestsEndTheConnection() throws Exception {
        assertEquals(431, server.get("/health", "x: " + "y".repeat(3000)).status());
        assertEquals(414, server.get("/" + "y".repeat(9000)).status());
        try (HttpSocket socket = server.connect()) {
            socket.raw("nonsense\r\n\r\n");
            Answer answer = socket.answer();
            assertEquals(400, answer.status());
            assertEquals("close", answer.headers().get("connection"));
            assertTrue(socket.ended());
        }
    }

    @Test
    void slowRequestIs408() throws Exception {
        try (HttpSocket socket = server.connect()) {
            socket.raw("POST /v1/completions HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
            assertEquals(408, socket.answer().status());
            assertTrue(socket.ended());
        }
        try (HttpSocket socket = server.connect()) {
            socket.raw("GET /hea");
            assertEquals(408, socket.answer().status());
        }
    }

    @Test
    void whatComesAfterA408IsNotServed() throws Exception {
        String body = "{\"model\":\"fake/model\",\"prompt\":\"a\"}";
        int before = server.model.submitted.size();
        try (HttpSocket socket = server.connect()) {
            socket.raw(
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/json\r\nContent-Length: "
                            + body.length()
                            + "\r\n\r\n"
                            + body.charAt(0));
            assertEquals(408, socket.answer().status());
            socket.raw(body.substring(1));
            assertTrue(socket.ended());
        }
        assertEquals(before, server.model.submitted.size());
    }

    @Test
    void aRequestThatBeganBehindAnotherMustComeInTimeToo() throws Exception {
        try (HttpSocket socket = server.connect()) {
            String first = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
            String head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n";
            String type = "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n";
            socket.raw(first + head + type + "abc");
            assertEquals(200, socket.answer().status());
            assertEquals(408, socket.answer().status());
            assertTrue(socket.ended());
        }
    }

    @Test
    void wrongHeadersAreNamed() throws Exception {
        String body = "{\"model\":\"fake/model\",\"prompt\":\"a\"}";
        for (String header :
                new String[] {
                    "x-slo-ttft-ms: soon", "x-slo-class: gold", "x-priority: high",
                    "x-slo-tpot-ms: -1", "request-timeout-ms: 1e3", "x-slo-e2e-ms: 86400001"
                }) {
            Answer answer = server.post("/v1/completions", body, header);
            assertEquals(400, answer.status(), header);
            String name = header.substring(0, header.indexOf(':'));
            assertEquals(name, error(answer).path("param").asText());
        }
    }

    @Test
    void refusalsCarryRetryAfterAndReason() throws Exception {
        try (TestServer own = new TestServer()) {
            own.model.refusal = new Refusal(429, "queue-full", "The queue is full", 1_200_000_000);
            String body = "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stream\":true}";
            Answer full = own.post("/v1/completions", body);
            assertEquals(429, full.status());
            assertEquals("2", full.headers().get("retry-after"));
            assertEquals("queue-full", full.headers().get("x-hfx-reason"));
            assertEquals("rate_limit_error", error(full).path("type").asText());
            own.model.refusal = new Refusal(503, "deadline-passed", "Too late", 0);
            Answer late = own.post("/v1/completions", body);
            assertEquals(503, late.status());
            assertEquals("1", late.headers().get("retry-after"));
        }
    }

    @Test
    void failureBeforeAndAfterTheFirstToken() throws Exception {
        try (TestServer own = new TestServer()) {
            String body = "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stream\":true}";
            own.model.failAfterTokens = 0;
            Answer before = own.post("/v1/completions", body);
            assertEquals(500, before.status());
            assertEquals("server_error", error(before).path("type").asText());
            own.model.failAfterTokens = 2;
            try (HttpSocket socket = own.connect()) {
                socket.post("/v1/completions", body);
                Answer after = socket.answer();
                assertEquals(200, after.status());
                assertTrue(
                        after.body()
                                .endsWith(
                                        "data: {\"error\":{\"message\":\"The worker was lost\","
                                                + "\"type\":\"server_error\",\"param\":null,"
                                                + "\"code\":null}}\n\n"),
                        after.body());
                assertFalse(after.body().contains("[DONE]"));
                assertTrue(socket.ended());
            }
        }
    }
}
