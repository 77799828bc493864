package io.hfx.plugin.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What carries weights between servers over links. */
public enum CloneTransport {
    TCP,
    /** UCX: RDMA where the machine has it. */
    UCX;

    /** As the configuration writes it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Parses a name.
     *
     * @param key named in messages
     * @throws ConfigException if it is unknown
     */
    static CloneTransport parse(String key, String text) {
        return Arrays.stream(values())
                .filter(each -> each.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new ConfigException(message(key, text)));
    }

    private static String message(String key, String text) {
        String known =
                Arrays.stream(values())
                        .map(CloneTransport::text)
                        .collect(Collectors.joining(" or "));
        return key + " must be " + known + ", was " + text;
    }
}
