package io.hfx.plugin.openai;

import io.hfx.plugin.http.Caller;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of the prefix cache.
 *
 * @param prompt whether KV of its prompts and outputs is kept and found at all
 * @param salt only requests with the same one share; empty for none
 */
record CacheUse(boolean prompt, String salt) {
    private static final int MOST_SALT_CHARS = 256;

    static CacheUse read(Fields body) {
        String salt = body.text("cache_salt").orElse("");
        boolean stated = body.value("cache_salt").isPresent();
        if (stated && (salt.isEmpty() || salt.length() > MOST_SALT_CHARS)) {
            throw Fields.bad(
                    "cache_salt",
                    "cache_salt must be a string of 1 to " + MOST_SALT_CHARS + " characters");
        }
        return new CacheUse(body.flag("cache_prompt", true), salt);
    }

    /**
     * Within which a request shares: callers with different keys never do, whatever they state. A
     * key's name has no line break.
     */
    @Nullable String scope(Caller caller) {
        return prompt ? caller.name() + "\n" + salt : null;
    }
}
