package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.testing.FakeServerMain;
import io.hfx.plugin.testing.HttpSocket;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The process as a whole: what SIGTERM does to it and to its streams. */
class SigtermTest {
    @Test
    void streamsFinishAndTheStatusIsZero() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xshare:auto",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FakeServerMain.class.getName())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (BufferedReader out = process.inputReader();
                HttpSocket socket = new HttpSocket(Integer.parseInt(out.readLine()))) {
            socket.post(
                    "/v1/completions",
                    "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stream\":true}");
            assertEquals(200, socket.head().status());
            socket.chunk();
            process.destroy();
            String last = "";
            for (String chunk = socket.chunk(); !chunk.isEmpty(); chunk = socket.chunk()) {
                last = chunk;
            }
            assertEquals("data: [DONE]\n\n", last);
            assertTrue(socket.ended());
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }
}
