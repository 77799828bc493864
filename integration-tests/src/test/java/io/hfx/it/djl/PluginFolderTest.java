package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is in the plugin folder that the build makes, and what must not be. */
class PluginFolderTest {
    private static final Path PLUGIN =
            Path.of("..", "djl-hfx-bootstrap", "target", "plugins", "hfx");

    /** The server has them; a second copy is another class of the same name, or another version. */
    private static final List<String> OF_THE_SERVER =
            List.of(
                    "ai/djl/",
                    "com/google/gson/",
                    "io/netty/",
                    "io/prometheus/",
                    "org/apache/logging/",
                    "org/slf4j/");

    private static final int JAVA_11 = 55;

    @BeforeEach
    void isPacked() {
        assumeTrue(Files.isDirectory(PLUGIN), "djl-hfx-bootstrap is not packed yet");
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(PLUGIN)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static List<String> classes(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return Collections.list(file.entries()).stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .toList();
        }
    }

    @Test
    void nothingOfTheServerComesTwice() throws Exception {
        List<String> foreign = new ArrayList<>();
        int seen = 0;
        for (Path jar : files()) {
            for (String name : classes(jar)) {
                seen++;
                if (OF_THE_SERVER.stream().anyMatch(name::startsWith)) {
                    foreign.add(jar.getFileName() + ": " + name);
                }
            }
        }
        assertTrue(seen > 1000, "only " + seen + " classes were found");
        assertEquals(List.of(), foreign);
    }

    @Test
    void theServerSeesOneJarOfJava11() throws Exception {
        List<Path> jars = files().stream().filter(f -> f.toString().endsWith(".jar")).toList();
        assertEquals(1, jars.size(), jars.toString());
        try (JarFile jar = new JarFile(jars.get(0).toFile())) {
            for (String name : classes(jars.get(0))) {
                assertTrue(name.startsWith("io/hfx/bootstrap/"), name);
                try (DataInputStream in =
                        new DataInputStream(jar.getInputStream(jar.getEntry(name)))) {
                    in.readInt();
                    in.readUnsignedShort();
                    assertEquals(JAVA_11, in.readUnsignedShort(), name);
                }
            }
        }
    }

    /** Two versions in one process end the server's start. */
    @Test
    void noOnnxRuntimeComesAlongButTheVersionOfDjl() throws Exception {
        List<String> found = new ArrayList<>();
        for (Path jar : files()) {
            if (classes(jar).contains("ai/onnxruntime/OrtEnvironment.class")) {
                found.add(jar.getFileName().toString());
            }
        }
        String ofDjl = "onnxruntime-" + System.getProperty("hfx.onnxruntime.djl.version");
        assertTrue(found.size() <= 1, found.toString());
        assertTrue(found.stream().allMatch(name -> name.startsWith(ofDjl + ".jar")), found + ofDjl);
    }
}
