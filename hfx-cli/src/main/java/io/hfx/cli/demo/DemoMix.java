package io.hfx.cli.demo;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.plugin.config.SloClasses;
import io.hfx.simulator.workload.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The demo's three SLO classes and the traffic in them, from {@code classes.json} and {@code
 * mix.json} beside this class. They are sized for the small sample model on one thread.
 *
 * @param classesJson as the server reads it
 * @param classes the same, read
 * @param shape of the traffic
 */
record DemoMix(String classesJson, SloClasses classes, Shape shape) {
    static DemoMix load() {
        String classesJson = resource("classes.json");
        try {
            List<Shape.Range> ranges =
                    new JsonMapper().readValue(resource("mix.json"), new TypeReference<>() {});
            return new DemoMix(
                    classesJson,
                    SloClasses.parse(classesJson, "demo classes"),
                    Shape.of("demo", ranges));
        } catch (IOException e) {
            throw new UncheckedIOException("mix.json", e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = DemoMix.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
