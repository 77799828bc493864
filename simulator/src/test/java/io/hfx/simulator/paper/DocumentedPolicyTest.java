package io.hfx.simulator.paper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.simulator.paper.Scenario.Result;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Follows "Add a policy in ten minutes" of docs/policies.md word by word. */
class DocumentedPolicyTest {
    private static final Path PAGE = Path.of("../docs/policies.md");
    private static final String SERVICE = "META-INF/services/" + Policy.class.getName();

    @Test
    void theExampleCompilesIsFoundInItsJarAndServesAFleet(@TempDir Path folder) throws Exception {
        String page = Files.readString(PAGE);
        Path source = folder.resolve("ValueDensity.java");
        Files.writeString(source, block(page, "java"));
        compile(source, folder);
        Path jar = folder.resolve("value-density.jar");
        pack(jar, folder.resolve("example/ValueDensity.class"), block(page, ""));

        ClassLoader ours = DocumentedPolicyTest.class.getClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, ours)) {
            Policy policy = Policies.named("value-density", loader);
            assertEquals("chunk_tokens", policy.settings().get(0).key());
            Result result = Papers.mooncake(3).run(policy, Map.of("chunk_tokens", "512"));
            assertFalse(result.outcomes().isEmpty());
            assertTrue(result.outcomes().stream().allMatch(o -> o.completed()));
        }
    }

    /** The first fenced block of that language whose first line is not empty. */
    private static String block(String page, String language) {
        Matcher found =
                Pattern.compile("(?ms)^```" + language + "\\n(\\S.*?)^```")
                        .matcher(page.substring(page.indexOf("## Add a policy")));
        assertTrue(found.find(), "no block of " + language);
        return found.group(1);
    }

    private static void compile(Path source, Path folder) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "needs a JDK");
        List<String> arguments =
                List.of(
                        "-Xlint:all",
                        "-Werror",
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        folder.toString(),
                        source.toString());
        assertEquals(0, compiler.run(null, null, null, arguments.toArray(String[]::new)));
    }

    private static void pack(Path jar, Path compiled, String service) throws Exception {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out)) {
            entries.putNextEntry(new JarEntry("example/ValueDensity.class"));
            entries.write(Files.readAllBytes(compiled));
            entries.putNextEntry(new JarEntry(SERVICE));
            entries.write(service.getBytes(StandardCharsets.UTF_8));
        }
    }
}
