package io.hfx.plugin.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The SLO classes that a server or a load generator knows, read from a JSON file:
 *
 * <pre>{@code
 * {"default": "chat",
 *  "classes": [
 *    {"name": "chat", "ttft_ms": 500, "tpot_ms": 50, "on_miss": "demote", "weight": 1},
 *    {"name": "report", "e2e_ms": 60000}]}
 * }</pre>
 *
 * An objective that is left out is not stated; {@code default} is the class of a request that
 * states nothing (best effort where it is left out).
 */
public final class SloClasses {
    /** Only best effort. */
    public static final SloClasses NONE = new SloClasses(Map.of(), SloClass.BEST_EFFORT);

    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Map<String, SloClass> byName;
    private final SloClass defaultClass;

    private SloClasses(Map<String, SloClass> byName, SloClass defaultClass) {
        this.byName = byName;
        this.defaultClass = defaultClass;
    }

    /** The class of that name; {@code best-effort} is always known. */
    public Optional<SloClass> find(String name) {
        SloClass found = byName.get(name);
        if (found == null && name.equals(SloClass.BEST_EFFORT.name())) {
            return Optional.of(SloClass.BEST_EFFORT);
        }
        return Optional.ofNullable(found);
    }

    /** The class of a request that states nothing. */
    public SloClass defaultClass() {
        return defaultClass;
    }

    /** All classes of the file, in its order. */
    public List<SloClass> all() {
        return List.copyOf(byName.values());
    }

    /** Names that clients may state, in the order of the file, and {@code best-effort}. */
    public List<String> names() {
        Set<String> names = new LinkedHashSet<>(byName.keySet());
        names.add(SloClass.BEST_EFFORT.name());
        return List.copyOf(names);
    }

    /** These classes, and that one for a request that states nothing. */
    public SloClasses withDefault(SloClass sloClass) {
        return new SloClasses(byName, sloClass);
    }

    /**
     * These classes without those that a client may not use. Its default is this one's where that
     * is best effort or may be used, else the first that may.
     *
     * @param allowed names; unknown ones count for nothing
     */
    public SloClasses only(Set<String> allowed) {
        Map<String, SloClass> kept = new LinkedHashMap<>(byName);
        kept.keySet().retainAll(allowed);
        boolean keepsDefault =
                defaultClass.slo().isBestEffort() || allowed.contains(defaultClass.name());
        SloClass byDefault =
                keepsDefault
                        ? defaultClass
                        : kept.values().stream().findFirst().orElse(SloClass.BEST_EFFORT);
        return new SloClasses(kept, byDefault);
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException if it is missing, malformed or holds a value out of range
     */
    public static SloClasses read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e);
        }
        return parse(text, file.toString());
    }

    /**
     * Parses the text of a file.
     *
     * @param source named in messages
     * @throws ConfigException as {@link #read}
     */
    public static SloClasses parse(String json, String source) {
        FileForm form;
        try {
            form = JSON.readValue(json, FileForm.class);
        } catch (JsonProcessingException e) {
            throw new ConfigException(source + ": " + e.getOriginalMessage());
        }
        if (form == null || form.classes() == null || form.classes().isEmpty()) {
            throw new ConfigException(source + ": classes must list at least one class");
        }
        Map<String, SloClass> byName = new LinkedHashMap<>();
        for (ClassForm c : form.classes()) {
            SloClass sloClass = c.toClass(source);
            if (byName.put(sloClass.name(), sloClass) != null) {
                throw new ConfigException(source + ": class " + sloClass.name() + " stands twice");
            }
        }
        SloClass byDefault = SloClass.BEST_EFFORT;
        String named = form.byDefault();
        if (named != null && !named.equals(byDefault.name())) {
            byDefault = byName.get(named);
            if (byDefault == null) {
                throw new ConfigException(
                        source + ": default names " + named + ", known: " + byName.keySet());
            }
        }
        return new SloClasses(byName, byDefault);
    }

    private record FileForm(
            @JsonProperty("default") @Nullable String byDefault,
            @Nullable List<ClassForm> classes) {}

    private record ClassForm(
            @Nullable String name,
            @Nullable Double ttft_ms,
            @Nullable Double tpot_ms,
            @Nullable Double e2e_ms,
            @Nullable String tpot_mode,
            @Nullable String on_miss,
            @Nullable Double weight) {

        SloClass toClass(String source) {
            if (name == null || !name.matches("[A-Za-z0-9._-]{1,64}")) {
                throw new ConfigException(
                        source
                                + ": name must be 1 to 64 letters, digits, dots, dashes or"
                                + " underscores, was "
                                + name);
            }
            String where = source + ": class " + name;
            if (weight != null && !(weight > 0 && weight <= 1_000)) {
                throw new ConfigException(where + ": weight must be above 0 and at most 1000");
            }
            Slo slo =
                    new Slo(
                            nanos(where, "ttft_ms", ttft_ms),
                            nanos(where, "tpot_ms", tpot_ms),
                            nanos(where, "e2e_ms", e2e_ms));
            return new SloClass(
                    name, slo, onMiss(where), weight == null ? 1 : weight, tpotMode(where));
        }

        private ScoringMode tpotMode(String where) {
            if (tpot_mode == null) {
                return ScoringMode.MEAN;
            }
            return switch (tpot_mode.toLowerCase(Locale.ROOT)) {
                case "mean" -> ScoringMode.MEAN;
                case "tail" -> ScoringMode.TAIL;
                case "cumulative" -> ScoringMode.CUMULATIVE;
                default ->
                        throw new ConfigException(
                                where
                                        + ": tpot_mode must be mean, tail or cumulative, was "
                                        + tpot_mode);
            };
        }

        private OnMiss onMiss(String where) {
            if (on_miss == null) {
                return OnMiss.DEMOTE;
            }
            return switch (on_miss.toLowerCase(Locale.ROOT)) {
                case "demote" -> OnMiss.DEMOTE;
                case "reject" -> OnMiss.REJECT;
                default ->
                        throw new ConfigException(
                                where + ": on_miss must be demote or reject, was " + on_miss);
            };
        }

        private static long nanos(String where, String field, @Nullable Double millis) {
            if (millis == null) {
                return Slo.NONE;
            }
            if (!(millis >= 0.001 && millis <= 86_400_000)) {
                throw new ConfigException(
                        where + ": " + field + " must be 0.001 to 86400000, was " + millis);
            }
            return Math.round(millis * 1e6);
        }
    }
}
