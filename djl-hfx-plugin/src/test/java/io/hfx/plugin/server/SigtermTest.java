package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.testing.FakeServerMain;
import io.hfx.plugin.testing.HttpSocket;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The process as a whole: what SIGTERM does to it and to its streams. */
class SigtermTest {
    private static Process start(String... args) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xshare:auto",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FakeServerMain.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static void assertEndsWell(Process process) throws InterruptedException {
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }

    @Test
    void streamsFinishAndTheStatusIsZeroHoweverOftenItIsTold() throws Exception {
        Process process = start();
        try (BufferedReader out = process.inputReader();
                HttpSocket socket = new HttpSocket(Integer.parseInt(out.readLine()))) {
            socket.post(
                    "/v1/completions",
                    "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stream\":true}");
            assertEquals(200, socket.head().status());
            socket.chunk();
            process.destroy();
            process.destroy();
            String last = "";
            for (String chunk = socket.chunk(); !chunk.isEmpty(); chunk = socket.chunk()) {
                process.destroy();
                last = chunk;
            }
            assertEquals("data: [DONE]\n\n", last);
            assertTrue(socket.ended());
            assertEndsWell(process);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aServerWhoseModelStillLoadsEndsToo() throws Exception {
        Process process = start("loading");
        try (BufferedReader out = process.inputReader();
                HttpSocket socket = new HttpSocket(Integer.parseInt(out.readLine()))) {
            socket.raw("GET /ready HTTP/1.1\r\n\r\n");
            assertEquals("model-loading", socket.answer().headers().get("x-hfx-reason"));
            process.destroy();
            assertEndsWell(process);
        } finally {
            process.destroyForcibly();
        }
    }
}
