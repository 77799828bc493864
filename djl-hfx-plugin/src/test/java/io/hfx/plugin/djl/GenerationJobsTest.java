package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.streaming.PublisherBytesSupplier;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import io.hfx.plugin.auth.Role;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.testing.KeysFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What DJL Serving's own handlers and workflows get from a token-level model. */
@Timeout(120)
class GenerationJobsTest {
    private static final String PROMPT = "{\"prompt\":\"a\"}";
    private static final String STREAM = "{\"prompt\":\"a\",\"stream\":true}";

    private static Input input(String body) {
        Input input = new Input();
        input.addProperty("Content-Type", "application/json");
        input.add("data", body.getBytes(StandardCharsets.UTF_8));
        return input;
    }

    private static Output run(ServersPort port, String model, Input input) throws Exception {
        return port.front.jobs().run(model, null, input).get(20, TimeUnit.SECONDS);
    }

    /** Everything that a subscriber hears, to the end. */
    private static String read(Output output) throws Exception {
        BlockingQueue<String> chunks = new LinkedBlockingQueue<>();
        CompletableFuture<Void> ended =
                ((PublisherBytesSupplier) output.getData())
                        .subscribe(
                                chunk -> {
                                    if (chunk != null) {
                                        chunks.add(new String(chunk, StandardCharsets.UTF_8));
                                    }
                                });
        ended.get(20, TimeUnit.SECONDS);
        return String.join("", chunks);
    }

    @Test
    void aWholeAnswerIsAnOutput() throws Exception {
        try (ServersPort port = new ServersPort(Map.of())) {
            Output output = run(port, "alpha", input(PROMPT));
            assertEquals(200, output.getCode());
            assertEquals("application/json", output.getProperty("content-type", ""));
            assertTrue(output.getData().getAsString().contains("\"text\":\"Hello\""));
            assertTrue(output.getProperty("x-request-id", "").startsWith("req-"));
            Input known = input(PROMPT);
            known.addProperty("requestId", "r7");
            assertEquals("r7", run(port, "alpha", known).getProperty("x-request-id", ""));
        }
    }

    @Test
    void aStreamIsReadByWhoeverSubscribesHoweverLate() throws Exception {
        try (ServersPort port = new ServersPort(Map.of())) {
            Output early = run(port, "alpha", input(STREAM));
            assertTrue(read(early).endsWith("data: [DONE]\n\n"));
            port.alpha.hold = true;
            CompletableFuture<Output> late = port.front.jobs().run("alpha", null, input(STREAM));
            port.alpha.permits.release(2);
            Output output = late.get(20, TimeUnit.SECONDS);
            assertEquals(
                    "text/event-stream; charset=utf-8", output.getProperty("content-type", ""));
            port.alpha.permits.release(100);
            String text = read(output);
            assertTrue(text.contains("\"text\":\"H\"") && text.contains("\"text\":\"o\""), text);
            assertTrue(text.endsWith("data: [DONE]\n\n"), text);
            assertThrows(IllegalStateException.class, () -> read(output));
        }
    }

    @Test
    void aStreamThatNobodyReadsIsGivenUp() throws Exception {
        try (ServersPort port = new ServersPort(Map.of("hfx_stream_buffer_bytes", "4096"))) {
            port.alpha.script = new int[200];
            Arrays.fill(port.alpha.script, 'x');
            run(port, "alpha", input("{\"prompt\":\"a\",\"stream\":true,\"max_tokens\":200}"));
            assertTrue(port.alpha.cancelled.poll(20, TimeUnit.SECONDS) != null);
        }
    }

    @Test
    void whatIsRefusedIsNeverAServerError() throws Exception {
        try (ServersPort port = new ServersPort(Map.of())) {
            for (int status : new int[] {429, 503}) {
                port.alpha.refusal = new Refusal(status, "deadline-passed", "Too late", 1);
                Output refused = run(port, "alpha", input(STREAM));
                assertEquals(429, refused.getCode());
                assertEquals("deadline-passed", refused.getProperty("x-hfx-reason", ""));
                assertEquals("1", refused.getProperty("retry-after", ""));
            }
            for (String body :
                    new String[] {"", "{", "{\"prompt\":1}", "{\"prompt\":\"a\",\"n\":0}"}) {
                Output wrong = run(port, "alpha", input(body));
                assertEquals(400, wrong.getCode(), body);
                assertFalse(wrong.getProperty("x-hfx-reason", "").isEmpty());
                assertTrue(wrong.getData().getAsString().contains("\"error\""));
            }
            assertEquals(404, run(port, "gone", input(PROMPT)).getCode());
            assertEquals(0, port.front.api().inFlight());
        }
    }

    @Test
    void aClientThatLeftIsSeenAtTheNextToken() throws Exception {
        try (ServersPort port = new ServersPort(Map.of())) {
            port.alpha.hold = true;
            Input input = input(PROMPT);
            CompletableFuture<Output> output = port.front.jobs().run("alpha", port.alpha, input);
            port.alpha.nextSubmitted();
            input.setCancelled(true);
            port.alpha.permits.release(1);
            assertTrue(port.alpha.cancelled.poll(20, TimeUnit.SECONDS) != null);
            assertEquals(499, output.get(20, TimeUnit.SECONDS).getCode());
            assertEquals(0, port.front.api().inFlight());
        }
    }

    @Test
    void keysHoldForJobsToo(@TempDir Path folder) throws Exception {
        KeysFile keys = new KeysFile(folder);
        String key = keys.add(Role.INFERENCE, "app");
        try (ServersPort port = new ServersPort(Map.of("hfx_keys_file", keys.path.toString()))) {
            assertEquals(401, run(port, "alpha", input(PROMPT)).getCode());
            Input stated = input(PROMPT);
            stated.addProperty("authorization", key.substring("Authorization: ".length()));
            assertEquals(200, run(port, "alpha", stated).getCode());
        }
    }
}
