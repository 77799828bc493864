package io.hfx.plugin.http;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who sends a request, as far as a {@link Gate} can tell.
 *
 * @param name of the key, for people; empty where there are no keys
 * @param sloClasses names of the SLO classes that it may use; null for all
 * @param mayTighten whether its requests may state tighter objectives than those classes have
 */
public record Caller(String name, @Nullable Set<String> sloClasses, boolean mayTighten) {
    /** Any client of a server without keys. */
    public static final Caller ANYBODY = new Caller("", null, true);
}
