package io.hfx.plugin.openai;

/**
 * The field {@code stream_options}.
 *
 * @param includeUsage whether the last event has the usage
 * @param continuousUsage whether all events have the usage up to them (as in vLLM)
 */
record StreamOptions(boolean includeUsage, boolean continuousUsage) {
    static final StreamOptions NONE = new StreamOptions(false, false);

    static StreamOptions read(Fields body, boolean stream) {
        Fields options = body.object("stream_options").orElse(null);
        if (options == null) {
            return NONE;
        }
        if (!stream) {
            throw Fields.bad("stream_options", "stream_options needs stream to be true");
        }
        boolean include = options.flag("include_usage");
        boolean continuous = options.flag("continuous_usage_stats");
        if (continuous && !include) {
            throw Fields.bad(
                    options.path("continuous_usage_stats"),
                    "continuous_usage_stats needs include_usage to be true");
        }
        if (options.flag("include_obfuscation")) {
            throw Fields.unsupported(
                    options.path("include_obfuscation"),
                    "unsupported_value",
                    "include_obfuscation must be false: this server does not pad its events");
        }
        options.rejectOthers();
        return new StreamOptions(include, continuous);
    }
}
