package io.hfx.it.djl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bootstrap jar in a process of its own, in front of a server whose classes are not those that
 * the plugin needs: made here, so that no DJL Serving is needed.
 */
class BootstrapTest {
    private static final Path PLUGIN =
            Path.of("..", "djl-hfx-bootstrap", "target", "plugins", "hfx");

    /** A server's configuration; it says nothing. */
    private static final String CONFIG =
            """
            package ai.djl.serving.util;
            public final class ConfigManager {
                public static ConfigManager getInstance() { return new ConfigManager(); }
                public static String getModelServerHome() { return "."; }
                public String getProperty(String key, String def) { return def; }
            }
            """;

    /** What the server does with a plugin. */
    private static final String SERVER =
            """
            public class Server {
                public static void main(String[] args) {
                    var plugin = new io.hfx.bootstrap.HfxBootstrap();
                    System.out.println("accepts: " + plugin.acceptInboundMessage("a request"));
                    System.out.println("the server goes on");
                }
            }
            """;

    @TempDir Path folder;

    @BeforeEach
    void isPacked() {
        assumeTrue(Files.isDirectory(PLUGIN), "djl-hfx-bootstrap is not packed yet");
    }

    private static Path bootstrapJar() throws IOException {
        try (Stream<Path> files = Files.list(PLUGIN)) {
            return files.filter(f -> f.toString().endsWith(".jar")).findFirst().orElseThrow();
        }
    }

    /** What a server prints that has this class in the place of its own. */
    private List<String> start(String name, String source) throws Exception {
        Path sources = Files.createDirectories(folder.resolve("src"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        String path = bootstrapJar() + File.pathSeparator + System.getProperty("java.class.path");
        Files.writeString(sources.resolve("ConfigManager.java"), CONFIG);
        Files.writeString(sources.resolve("Server.java"), SERVER);
        Files.writeString(sources.resolve(name + ".java"), source);
        try (Stream<Path> files = Files.list(sources)) {
            Stream<String> options = Stream.of("-d", classes.toString(), "-cp", path);
            String[] arguments =
                    Stream.concat(options, files.map(Path::toString)).toArray(String[]::new);
            assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments));
        }
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                classes + File.pathSeparator + path,
                                "Server")
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.lines().toList();
    }

    private static void refusesInOneLine(List<String> output, String reason) {
        assertEquals(3, output.size(), String.join("\n", output));
        assertTrue(output.get(0).contains("HFX is off: " + reason), output.get(0));
        assertEquals("accepts: false", output.get(1));
        assertEquals("the server goes on", output.get(2));
    }

    @Test
    void aServerWithoutTheFieldIsLeftAlone() throws Exception {
        refusesInOneLine(
                start(
                        "ModelManager",
                        """
                        package ai.djl.serving.models;
                        public final class ModelManager {
                            public static ModelManager getInstance() { return new ModelManager(); }
                        }
                        """),
                "this server has no ModelManager.wlm; the server goes on without it");
    }

    @Test
    void aServerWhoseFieldIsOfAnotherTypeIsLeftAlone() throws Exception {
        refusesInOneLine(
                start(
                        "ModelManager",
                        """
                        package ai.djl.serving.models;
                        public final class ModelManager {
                            private Object wlm;
                            public static ModelManager getInstance() { return new ModelManager(); }
                        }
                        """),
                "ModelManager.wlm is a java.lang.Object; the server goes on without it");
    }
}
