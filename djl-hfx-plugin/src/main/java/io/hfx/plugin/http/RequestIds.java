package io.hfx.plugin.http;

import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The id that a request has in answers and logs. */
public final class RequestIds {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

    private RequestIds() {}

    /**
     * The client's id where it is short and plain, else one of our own.
     *
     * @param stated value of {@code x-request-id}, or null
     */
    public static String of(@Nullable String stated) {
        return stated != null && PLAIN.matcher(stated).matches()
                ? stated
                : "req-" + UUID.randomUUID();
    }
}
