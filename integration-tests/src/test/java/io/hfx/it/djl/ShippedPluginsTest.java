package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The plugins that DJL Serving ships beside ours, all in one server. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class ShippedPluginsTest {
    private static final List<String> PLUGINS =
            List.of("management-console", "static-file-plugin", "plugin-management", "kserve");

    @TempDir Path folder;

    private static Optional<Path> jar(String plugin) throws Exception {
        Path plugins = Path.of(System.getenv("DJL_SERVING_HOME"), "plugins");
        if (!Files.isDirectory(plugins)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(plugins)) {
            return files.filter(f -> f.getFileName().toString().matches(plugin + ".*\\.jar"))
                    .findFirst();
        }
    }

    @Test
    void everyoneAnswers() throws Exception {
        DjlSetup setup = new DjlSetup(folder).onnx("double", "minWorkers=1\nmaxWorkers=1");
        for (String plugin : PLUGINS) {
            Optional<Path> jar = jar(plugin);
            assumeTrue(jar.isPresent(), "DJL_SERVING_HOME/plugins has no " + plugin);
            setup.pluginJar(jar.orElseThrow());
        }
        try (DjlServer server = setup.start()) {
            assertTrue(server.log().contains("5 plug-ins found and loaded"), server.log());
            HttpResponse<String> answer =
                    server.post("/predictions/double", "[[1,2]]", Map.of("x-slo-e2e-ms", "9999"));
            assertEquals("{\"predictions\":[[2.0,4.0]]}", answer.body());
            assertTrue(server.log().contains("model double is scheduled"), server.log());

            List<String> silent = new ArrayList<>();
            for (String path :
                    List.of(
                            "/plugins", // plugin-management
                            "/index.html", // static-file-plugin, with the page of the console
                            "/console/api/version", // management-console
                            "/v2/health/live", // kserve
                            "/v2/models/double/ready",
                            "/ping",
                            "/models")) {
                answer = server.get(path);
                if (answer.statusCode() != 200) {
                    silent.add(path + ": " + answer.statusCode() + " " + answer.body());
                }
            }
            assertEquals(List.of(), silent, server.log());
            assertTrue(server.get("/plugins").body().contains("hfx"));

            String tensors =
                    "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\","
                            + "\"data\":[1,2]}],\"outputs\":[{\"name\":\"y\"}]}";
            answer = server.post("/v2/models/double/infer", tensors, Map.of());
            assertEquals(200, answer.statusCode(), answer.body() + server.log());
            String data = answer.body().replaceAll("\\s", "");
            assertTrue(data.contains("\"data\":[2,4]"), answer.body());
        }
    }
}
