package io.hfx.cli.simulate;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.cli.UserError;
import io.hfx.simulator.scenario.Entrant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of policies: those of a tuning's file, and single ones over them. */
final class Settings {
    private Settings() {}

    /**
     * The policies with their settings.
     *
     * @param tuned file that {@code hfx simulate tune} wrote, or null
     * @param single values by {@code POLICY.key}
     */
    static List<Entrant> entrants(
            List<String> policies, @Nullable Path tuned, Map<String, String> single) {
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        if (tuned != null) {
            read(tuned).policies().forEach((p, t) -> all.put(p, new LinkedHashMap<>(t.settings())));
        }
        single.forEach(
                (path, value) -> {
                    String[] sides = path.split("\\.", 2);
                    if (sides.length < 2 || !policies.contains(sides[0])) {
                        throw new UserError(
                                "--policy-set must read POLICY.KEY=VALUE with a policy that runs,"
                                        + " was "
                                        + path);
                    }
                    all.computeIfAbsent(sides[0], p -> new LinkedHashMap<>()).put(sides[1], value);
                });
        List<Entrant> entrants = new ArrayList<>();
        policies.forEach(p -> entrants.add(Entrant.of(p, all.getOrDefault(p, Map.of()))));
        return entrants;
    }

    private static TunedFile read(Path file) {
        try {
            return JsonMapper.builder().build().readValue(file.toFile(), TunedFile.class);
        } catch (JacksonException e) {
            throw new UserError(
                    file + ": " + e.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw new UserError(
                    file + (Files.exists(file) ? ": cannot be read" : ": there is no such file"));
        }
    }
}
