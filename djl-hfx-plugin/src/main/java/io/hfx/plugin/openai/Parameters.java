package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.engine.sampling.SamplingParams;
import io.hfx.plugin.config.RequestLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The fields that chat and completions share.
 *
 * @param model as stated
 * @param stream whether the answer is streamed
 * @param includeUsage whether a streamed answer ends with the usage
 * @param choices sequences per prompt
 * @param stops up to 4 stop strings
 * @param sampling how tokens are chosen; the seed is random where none is stated
 * @param maxTokens of each sequence, where stated
 * @param ignoreEos whether the end token does not end a sequence
 * @param slo the body field {@code slo}
 * @param serviceTier as stated, or null
 * @param priority where stated
 */
record Parameters(
        String model,
        boolean stream,
        boolean includeUsage,
        int choices,
        List<String> stops,
        SamplingParams sampling,
        OptionalInt maxTokens,
        boolean ignoreEos,
        StatedSlo slo,
        @Nullable String serviceTier,
        OptionalInt priority) {
    private static final int STOPS = 4;

    static Parameters read(Fields body, RequestLimits limits) {
        String model =
                body.text("model").orElseThrow(() -> Fields.bad("model", "model must be stated"));
        boolean stream = body.flag("stream");
        return new Parameters(
                model,
                stream,
                includeUsage(body, stream),
                body.integer("n", 1, limits.choices()).orElse(1),
                stops(body, limits.stopChars()),
                sampling(body),
                maxTokens(body, limits.outputTokens()),
                body.flag("ignore_eos"),
                StatedSlo.of(body),
                body.text("service_tier").orElse(null),
                body.integer("priority", SloResolver.MIN_PRIORITY, SloResolver.MAX_PRIORITY));
    }

    private static boolean includeUsage(Fields body, boolean stream) {
        Fields options = body.object("stream_options").orElse(null);
        if (options == null) {
            return false;
        }
        if (!stream) {
            throw Fields.bad("stream_options", "stream_options needs stream to be true");
        }
        boolean include = options.flag("include_usage");
        options.flag("include_obfuscation");
        options.rejectOthers();
        return include;
    }

    private static SamplingParams sampling(Fields body) {
        double temperature = body.number("temperature", 0, 2).orElse(1);
        double topP = body.number("top_p", 0, 1).orElse(1);
        if (topP == 0) {
            throw Fields.bad("top_p", "top_p must be above 0 and at most 1");
        }
        long seed =
                body.value("seed")
                        .map(Parameters::seed)
                        .orElseGet(() -> ThreadLocalRandom.current().nextLong());
        return new SamplingParams(temperature, topP, seed);
    }

    private static long seed(JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw Fields.bad("seed", "seed must be a whole number of 64 bits");
        }
        return value.longValue();
    }

    private static OptionalInt maxTokens(Fields body, int limit) {
        OptionalInt newer = body.integer("max_completion_tokens", 1, limit);
        OptionalInt older = body.integer("max_tokens", 1, limit);
        if (newer.isPresent() && older.isPresent() && !newer.equals(older)) {
            throw Fields.bad(
                    "max_tokens", "max_tokens and max_completion_tokens must not contradict");
        }
        return newer.isPresent() ? newer : older;
    }

    private static List<String> stops(Fields body, int maxChars) {
        JsonNode value = body.value("stop").orElse(null);
        if (value == null) {
            return List.of();
        }
        List<String> stops = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(each -> stops.add(stop(each, maxChars)));
        } else {
            stops.add(stop(value, maxChars));
        }
        if (stops.size() > STOPS) {
            throw Fields.bad("stop", "stop must be a string or up to 4 strings");
        }
        return List.copyOf(stops);
    }

    private static String stop(JsonNode value, int maxChars) {
        if (!value.isTextual()
                || value.textValue().isEmpty()
                || value.textValue().length() > maxChars) {
            throw Fields.bad(
                    "stop", "stop must be strings of 1 to " + maxChars + " characters each");
        }
        return value.textValue();
    }
}
