package io.hfx.plugin.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where a model's weights may come from. */
public enum WeightSource {
    /** The memory of a seed on this host, read-only, without a copy. */
    ATTACH,
    /** A copy of that memory. */
    COPY,
    /** A seed on any host, over links of {@link CloneTransport}. */
    TCP,
    /** The checkpoint's own files. */
    DISK;

    /** As the configuration writes it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it needs a running seed. */
    public boolean fromSeed() {
        return this != DISK;
    }

    /**
     * Parses a list with commas between.
     *
     * @param key named in messages
     * @throws ConfigException if it is empty, or a word is unknown or stands twice
     */
    static List<WeightSource> parse(String key, String text) {
        List<WeightSource> sources = new ArrayList<>();
        for (String word : text.split(",", -1)) {
            WeightSource source =
                    Arrays.stream(values())
                            .filter(s -> s.text().equals(word.strip()))
                            .findFirst()
                            .orElse(null);
            if (source == null || sources.contains(source)) {
                String known =
                        Arrays.stream(values())
                                .map(WeightSource::text)
                                .collect(Collectors.joining(", "));
                throw new ConfigException(
                        key + " must be some of " + known + ", each once, was " + text);
            }
            sources.add(source);
        }
        return List.copyOf(sources);
    }
}
