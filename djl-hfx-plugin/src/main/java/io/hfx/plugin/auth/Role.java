package io.hfx.plugin.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a key opens. */
public enum Role {
    /** The OpenAI endpoints, {@code /v1/*}. */
    INFERENCE,
    /** Everything else that asks for a key: {@code /metrics}, {@code /hfx/*}. */
    ADMIN,
    /**
     * Nothing over HTTP. The links between workers have a secret of their own, which both ends
     * know: {@link WorkerKeyFile}.
     */
    WORKER;

    /** As the file writes it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of that text. */
    public static Optional<Role> of(String text) {
        return Arrays.stream(values()).filter(role -> role.text().equals(text)).findFirst();
    }

    /** All of them, for messages. */
    public static String known() {
        return Arrays.stream(values()).map(Role::text).collect(Collectors.joining(", "));
    }
}
