package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** A server on Java 11, which DJL Serving still runs on, with our folder in it. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
@EnabledIfEnvironmentVariable(
        named = "HFX_JAVA_11",
        matches = ".+",
        disabledReason = "HFX_JAVA_11 names no Java 11")
class OldJavaTest {
    @TempDir Path folder;

    @Test
    void thePluginSaysWhyItIsOffAndTheServerGoesOn() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .java(Path.of(System.getenv("HFX_JAVA_11"), "bin", "java"))
                        .onnx("double", "minWorkers=1\nmaxWorkers=1");
        try (DjlServer server = setup.start()) {
            assertEquals(200, server.post("/predictions/double", "[[1]]", Map.of()).statusCode());
            assertTrue(server.log().contains("HFX is off: it needs Java 17, this is Java 11"));
            assertFalse(server.log().contains("is scheduled"), server.log());
        }
    }
}
