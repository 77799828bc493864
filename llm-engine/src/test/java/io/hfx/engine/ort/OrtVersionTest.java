package io.hfx.engine.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtEnvironment;
import org.junit.jupiter.api.Test;

/** The suite runs on two versions; each run must have had the one that it names. */
final class OrtVersionTest {
    @Test
    void theNativeLibraryIsTheOneThisRunNames() {
        String expected = System.getProperty("hfx.test.onnxruntime");
        assumeTrue(expected != null, "hfx.test.onnxruntime is set by the Maven build only");
        assertEquals(expected, OrtEnvironment.getEnvironment().getVersion());
        System.out.println("ONNX Runtime " + expected);
    }
}
