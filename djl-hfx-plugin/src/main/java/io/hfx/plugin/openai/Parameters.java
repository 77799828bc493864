package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.engine.sampling.SamplingParams;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.Caller;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The fields that chat and completions share.
 *
 * @param stream whether the answer is streamed
 * @param streamOptions what a streamed answer tells besides text
 * @param choices sequences per prompt
 * @param stops what ends a sequence
 * @param sampling how tokens are chosen; the seed is random where none is stated
 * @param logprobs alternatives wanted with each token; {@link GenerationRequest#NO_LOGPROBS}
 *     without logprobs
 * @param maxTokens of each sequence, where stated
 * @param skipSpecialTokens whether the text leaves out special tokens
 * @param ignoreEos whether the end token does not end a sequence
 * @param slo the body field {@code slo}
 * @param serviceTier as stated, or null
 * @param priority where stated
 * @param cache what it says of the prefix cache
 * @param user whom the client sends it for; empty where not stated
 */
record Parameters(
        boolean stream,
        StreamOptions streamOptions,
        int choices,
        StopRules stops,
        SamplingParams sampling,
        int logprobs,
        OptionalInt maxTokens,
        boolean skipSpecialTokens,
        boolean ignoreEos,
        StatedSlo slo,
        @Nullable String serviceTier,
        OptionalInt priority,
        CacheUse cache,
        String user) {
    private static final int STOPS = 4;

    /** Whose the request is: the caller's key counts, and what clients state only without keys. */
    String tenant(Caller caller) {
        return caller.name().isEmpty() ? user : caller.name();
    }

    /**
     * @param chat whether they are of chat completions
     */
    static Parameters read(Fields body, boolean chat, ServedModel model, RequestLimits limits) {
        body.text("model"); // who names the model has found it already
        int vocabulary = model.tokenizer().vocabulary();
        boolean stream = body.flag("stream");
        return new Parameters(
                stream,
                StreamOptions.read(body, stream),
                body.integer("n", 1, limits.choices()).orElse(1),
                stopRules(body, vocabulary, limits),
                SamplingFields.params(body, vocabulary, limits.logitBiases()),
                SamplingFields.logprobs(body, chat),
                maxTokens(body, limits.outputTokens()),
                body.flag("skip_special_tokens", true),
                body.flag("ignore_eos"),
                StatedSlo.of(body),
                body.text("service_tier").orElse(null),
                body.integer("priority", SloResolver.MIN_PRIORITY, SloResolver.MAX_PRIORITY),
                CacheUse.read(body),
                user(body));
    }

    private static String user(Fields body) {
        String user = body.text("user").orElse("");
        if (user.length() > GenerationRequest.MOST_TENANT_CHARS) {
            throw Fields.bad(
                    "user",
                    "user must have at most "
                            + GenerationRequest.MOST_TENANT_CHARS
                            + " characters");
        }
        return user;
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

    private static StopRules stopRules(Fields body, int vocabulary, RequestLimits limits) {
        return new StopRules(
                stops(body, limits.stopChars()),
                SamplingFields.stopTokenIds(body, vocabulary),
                body.flag("include_stop_str_in_output"),
                body.integer("min_tokens", 0, limits.outputTokens()).orElse(0));
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
