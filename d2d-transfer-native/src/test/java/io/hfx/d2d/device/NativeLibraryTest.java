package io.hfx.d2d.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The library and the path without it, in JVMs of their own: it is chosen once in a process. */
class NativeLibraryTest {
    private static List<String> linesWith(String library) throws Exception {
        try (OtherJvm jvm =
                OtherJvm.start(
                        List.of(
                                "-Dhfx.d2d.library=" + library,
                                "-Dhfx.d2d.cuda.library=libno-such-driver.so"),
                        Map.of(),
                        "host")) {
            List<String> lines = jvm.allLines();
            assertEquals(0, jvm.exitCode());
            return lines;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "no-such-file.so", "pom.xml"})
    void withoutTheLibraryTheHostGoesThroughJavaAndOneLineSaysSo(String library) throws Exception {
        List<String> lines = linesWith(library);
        assertEquals(2, lines.stream().filter("JavaHost true"::equals).count(), lines.toString());
        assertEquals(
                1,
                lines.stream()
                        .filter(line -> line.contains("host memory goes through Java"))
                        .count(),
                lines.toString());
        assertTrue(lines.get(lines.size() - 1).startsWith("UNAVAILABLE 0 "), lines.toString());
    }

    @Test
    void theLibraryOfTheJarIsFoundAndLeavesNoFile() throws Exception {
        assumeTrue(
                NativeLibrary.loaded(),
                () -> "no native library: " + NativeLibrary.missing().orElse(""));
        List<String> lines = linesWith("");
        assertEquals(3, lines.size(), lines.toString());
        assertEquals("NativeDevice true", lines.get(0));
        assertTrue(lines.get(2).contains("libno-such-driver.so"), lines.toString());
    }
}
