package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.serving.wlm.WorkLoadManager;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Every signature that the plugin is compiled against is one of the real server. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class StubsTest {
    @Test
    void everyStubMatchesTheServersOwnClass() throws Exception {
        Path stubs = stubs();
        List<String> wrong = new ArrayList<>();
        int checked = 0;
        try (URLClassLoader server = server();
                Stream<Path> files = Files.walk(stubs)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                String name =
                        stubs.relativize(file).toString().replace('/', '.').replace(".class", "");
                Class<?> stub = Class.forName(name, false, getClass().getClassLoader());
                Class<?> real = Class.forName(name, false, server);
                if (!header(stub).equals(header(real))) {
                    wrong.add(header(stub) + " is " + header(real));
                }
                List<String> members = members(real);
                for (String member : members(stub)) {
                    checked++;
                    if (!members.contains(member)) {
                        wrong.add(member);
                    }
                }
            }
        }
        assertTrue(checked > 30, "only " + checked + " members were found");
        assertEquals(List.of(), wrong, "the server has no such members");
    }

    private static Path stubs() throws URISyntaxException {
        URL location = WorkLoadManager.class.getProtectionDomain().getCodeSource().getLocation();
        Path path = Path.of(location.toURI());
        // In a reactor that has come to "package" it is the jar beside the classes.
        return Files.isDirectory(path) ? path : path.resolveSibling("classes");
    }

    private static URLClassLoader server() throws IOException {
        try (Stream<Path> jars = Files.list(Path.of(System.getenv("DJL_SERVING_HOME"), "lib"))) {
            List<URL> urls = new ArrayList<>();
            for (Path jar : jars.filter(j -> j.toString().endsWith(".jar")).toList()) {
                urls.add(jar.toUri().toURL());
            }
            return new URLClassLoader(
                    urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
        }
    }

    private static String header(Class<?> type) {
        return type.toGenericString() + " extends " + type.getGenericSuperclass();
    }

    /** Names, types, type parameters and modifiers of what a plugin can reach. */
    private static List<String> members(Class<?> type) {
        Stream<String> methods =
                Arrays.stream(type.getDeclaredMethods())
                        .filter(m -> !m.isSynthetic() && isOpen(m.getModifiers()))
                        .map(Method::toGenericString);
        Stream<String> constructors =
                Arrays.stream(type.getDeclaredConstructors())
                        .filter(c -> !c.isSynthetic() && isOpen(c.getModifiers()))
                        .map(Constructor::toGenericString);
        return Stream.concat(methods, constructors).toList();
    }

    private static boolean isOpen(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }
}
