package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.TestServer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Errors in the threads of the front end one request each, and nothing else. */
@Timeout(60)
class FrontFailuresTest {
    private static final String BODY = "{\"model\":\"fake/model\",\"prompt\":\"abc\"";

    /** More often than there are threads that could die of it. */
    private static final int TIMES = 5;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer("hfx_parser_threads", "2", "hfx_max_requests", "3");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpSocket.Answer complete(String more) throws Exception {
        return server.post("/v1/completions", BODY + more + "}");
    }

    private void assertServes() throws Exception {
        server.model.encodeError = null;
        server.model.decodeError = null;
        assertEquals(200, complete("").status());
        assertTrue(
                server.get("/metrics")
                        .body()
                        .contains("hfx_requests_in_flight{model_name=\"fake/model\"} 0.0"));
    }

    @Test
    void memoryThatRunsOutIn503() throws Exception {
        server.model.encodeError = new OutOfMemoryError("Java heap space");
        for (int i = 0; i < TIMES; i++) {
            HttpSocket.Answer answer = complete("");
            assertEquals(503, answer.status(), answer.body());
            assertEquals("out-of-memory", answer.headers().get("x-hfx-reason"));
        }
        assertServes();
    }

    @Test
    void anyOtherErrorIn500() throws Exception {
        server.model.encodeError = new StackOverflowError();
        for (int i = 0; i < TIMES; i++) {
            HttpSocket.Answer answer = complete("");
            assertEquals(500, answer.status(), answer.body());
            assertFalse(answer.body().contains("StackOverflow"), answer.body());
        }
        assertServes();
    }

    @Test
    void anAnswerThatCannotBeWrittenEndsInAnErrorAndIsCancelled() throws Exception {
        server.model.decodeError = new OutOfMemoryError("Java heap space");
        for (int i = 0; i < TIMES; i++) {
            assertEquals(500, complete("").status());
            assertTrue(complete(",\"stream\":true").body().contains("could not be written"));
        }
        for (int i = 0; i < 2 * TIMES; i++) {
            assertTrue(server.model.cancelled.poll(20, TimeUnit.SECONDS) != null);
        }
        assertServes();
    }
}
