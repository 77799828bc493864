package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.testing.ByteTokenizer;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.TestServer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers of the two generation endpoints, over real sockets. */
class StreamingTest {
    private static final Pattern CREATED = Pattern.compile("\"created\":[0-9]+");

    private static final String DETAILS =
            ",\"prompt_tokens_details\":{\"cached_tokens\":0},"
                    + "\"completion_tokens_details\":{\"reasoning_tokens\":0}";

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String event(String json) {
        return "data: " + json + "\n\n";
    }

    private static String chat(String delta, String finish, String more) {
        return event(
                "{\"id\":\"chatcmpl-r1\",\"object\":\"chat.completion.chunk\",\"created\":0,"
                        + "\"model\":\"fake/model\",\"choices\":[{\"index\":0,\"delta\":"
                        + delta
                        + ",\"logprobs\":null,\"finish_reason\":"
                        + finish
                        + "}]"
                        + more
                        + "}");
    }

    private static String fixed(String body) {
        return CREATED.matcher(body).replaceAll("\"created\":0");
    }

    @Test
    void chatStreamHasExactlyTheseBytes() throws Exception {
        server.model.script = new ByteTokenizer().encode("Hé!", false);
        Answer answer =
                server.post(
                        "/v1/chat/completions",
                        """
                        {"model": "fake/model", "stream": true,
                         "stream_options": {"include_usage": true},
                         "messages": [{"role": "user", "content": "hi"}]}
                        """,
                        "x-request-id: r1");
        assertEquals(200, answer.status());
        assertEquals("text/event-stream; charset=utf-8", answer.headers().get("content-type"));
        assertEquals("r1", answer.headers().get("x-request-id"));
        String noUsage = ",\"usage\":null";
        assertEquals(
                chat("{\"role\":\"assistant\",\"content\":\"\"}", "null", noUsage)
                        + chat("{\"content\":\"H\"}", "null", noUsage)
                        + chat("{\"content\":\"\"}", "null", noUsage)
                        + chat("{\"content\":\"é\"}", "null", noUsage)
                        + chat("{\"content\":\"!\"}", "null", noUsage)
                        + chat("{}", "\"stop\"", noUsage)
                        + event(
                                "{\"id\":\"chatcmpl-r1\",\"object\":\"chat.completion.chunk\","
                                        + "\"created\":0,\"model\":\"fake/model\",\"choices\":[],"
                                        + "\"usage\":{\"prompt_tokens\":20,"
                                        + "\"completion_tokens\":4,\"total_tokens\":24"
                                        + DETAILS
                                        + "}}")
                        + event("[DONE]"),
                fixed(answer.body()));
    }

    @Test
    void everyTokenIsSentWhenItComes() throws Exception {
        server.model.hold = true;
        try (HttpSocket socket = server.connect()) {
            socket.post(
                    "/v1/completions",
                    "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stream\":true}");
            server.model.nextSubmitted();
            server.model.permits.release();
            assertEquals(200, socket.head().status());
            assertTrue(socket.chunk().contains("\"text\":\"H\""));
            server.model.permits.release();
            assertTrue(socket.chunk().contains("\"text\":\"e\""));
            server.model.permits.release(3);
            assertTrue(socket.chunk().contains("\"text\":\"l\""));
        }
    }

    @Test
    void wholeAnswersHoldTextReasonAndUsage() throws Exception {
        Answer answer =
                server.post(
                        "/v1/completions",
                        "{\"model\":\"fake/model\",\"prompt\":[\"ab\",\"c\"],\"n\":2,"
                                + "\"max_tokens\":3}",
                        "x-request-id: r1");
        String choices =
                List.of(0, 1, 2, 3).stream()
                        .map(
                                i ->
                                        "{\"index\":"
                                                + i
                                                + ",\"text\":\"Hel\",\"logprobs\":null,"
                                                + "\"finish_reason\":\"length\"}")
                        .reduce((a, b) -> a + "," + b)
                        .orElseThrow();
        assertEquals(
                "{\"id\":\"cmpl-r1\",\"object\":\"text_completion\",\"created\":0,"
                        + "\"model\":\"fake/model\",\"choices\":["
                        + choices
                        + "],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":12,"
                        + "\"total_tokens\":17"
                        + DETAILS
                        + "}}",
                fixed(answer.body()));
    }

    @Test
    void stopStringEndsTheTextBeforeItAcrossTokens() throws Exception {
        server.model.script = new ByteTokenizer().encode("one<e<end>two", false);
        for (boolean stream : new boolean[] {false, true}) {
            Answer answer =
                    server.post(
                            "/v1/completions",
                            "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stop\":[\"<end>\",\"zz\"],"
                                    + "\"stream\":"
                                    + stream
                                    + "}");
            assertEquals("one<e", text(answer.body()));
            assertTrue(answer.body().contains("\"finish_reason\":\"stop\""), answer.body());
            assertEquals(0, server.model.stopped.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void textHeldBackForAStopStringIsGivenAtTheEnd() throws Exception {
        server.model.script = new ByteTokenizer().encode("ab<en", false);
        Answer answer =
                server.post(
                        "/v1/completions",
                        "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stop\":\"<end>\","
                                + "\"stream\":true}");
        assertEquals("ab<en", text(answer.body()));
        assertNull(server.model.stopped.poll());
    }

    @Test
    void requestReachesTheServiceAsStated() throws Exception {
        server.post(
                "/v1/completions",
                "{\"model\":\"fake/model\",\"prompt\":[1,2,3],\"seed\":7,\"temperature\":0.5,"
                        + "\"top_p\":0.9,\"max_tokens\":2,\"ignore_eos\":true,"
                        + "\"slo\":{\"class\":\"priority\",\"tpot_ms\":20}}",
                "x-priority: 1");
        GenerationRequest request = server.model.nextSubmitted();
        assertEquals(
                List.of(1, 2, 3),
                java.util.Arrays.stream(request.prompts().get(0)).boxed().toList());
        assertEquals(7, request.sampling().seed());
        assertEquals(0.5, request.sampling().temperature());
        assertEquals(0.9, request.sampling().topP());
        assertEquals(2, request.maxTokens());
        assertTrue(request.ignoreEos());
        assertEquals(1, request.priority());
        assertEquals("priority", request.sloClass().name());
        assertEquals(30_000_000_000L, request.sloClass().slo().ttftNanos());
        assertEquals(20_000_000L, request.sloClass().slo().tpotNanos());
        assertFalse(request.sloClass().slo().hasE2e());
    }

    /** All text of an answer, streamed or not. */
    private static String text(String body) {
        var matcher = Pattern.compile("\"text\":\"([^\"]*)\"").matcher(body);
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            text.append(matcher.group(1));
        }
        return text.toString();
    }
}
