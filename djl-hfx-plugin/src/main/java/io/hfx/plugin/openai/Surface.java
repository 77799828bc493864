package io.hfx.plugin.openai;

import static io.hfx.plugin.openai.RequestField.Fate.HONOURED;
import static io.hfx.plugin.openai.RequestField.Fate.NEUTRAL;
import static io.hfx.plugin.openai.RequestField.Fate.NO_EFFECT;
import static io.hfx.plugin.openai.RequestField.Fate.REFUSED;
import static io.hfx.plugin.openai.RequestField.Where.BOTH;
import static io.hfx.plugin.openai.RequestField.Where.CHAT;
import static io.hfx.plugin.openai.RequestField.Where.COMPLETIONS;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.plugin.openai.RequestField.Where;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * The one list of the fields that the two endpoints know: all that OpenAI documents, those of vLLM
 * that mean something here, and our own. Any other is unknown, which is a 400. A test holds it
 * against the parsers and against {@code docs/api.md}.
 */
final class Surface {
    /** Every field once. */
    static final List<RequestField> ALL = all();

    private Surface() {}

    /** Refuses fields with values that their fate does not allow. Honoured ones are not read. */
    static void check(Fields body, Where endpoint) {
        for (RequestField field : ALL) {
            if (field.where().covers(endpoint) && field.fate() != HONOURED) {
                field.check(body);
            }
        }
    }

    private static List<RequestField> all() {
        List<RequestField> all = new ArrayList<>();
        honoured(all, BOTH, "model", "stream", "stream_options", "n", "temperature", "top_p");
        honoured(all, BOTH, "frequency_penalty", "presence_penalty", "logit_bias", "logprobs");
        honoured(all, BOTH, "seed", "stop", "max_tokens", "max_completion_tokens");
        honoured(all, BOTH, "top_k", "min_p", "repetition_penalty", "min_tokens", "ignore_eos");
        honoured(all, BOTH, "stop_token_ids", "include_stop_str_in_output", "skip_special_tokens");
        honoured(all, BOTH, "service_tier", "slo", "priority", "cache_salt", "cache_prompt");
        honoured(all, BOTH, "user");
        honoured(all, CHAT, "messages", "top_logprobs", "tools", "tool_choice", "documents");
        honoured(all, CHAT, "add_generation_prompt", "continue_final_message");
        honoured(all, CHAT, "chat_template_kwargs");
        honoured(all, COMPLETIONS, "prompt", "echo", "best_of");

        noEffect(all, CHAT, "safety_identifier", "a string", JsonNode::isTextual);
        noEffect(all, CHAT, "prompt_cache_key", "a string", JsonNode::isTextual);
        noEffect(all, CHAT, "prompt_cache_retention", "a string", JsonNode::isTextual);
        noEffect(all, CHAT, "prompt_cache_options", "an object", JsonNode::isObject);
        noEffect(all, CHAT, "metadata", "an object of strings", Surface::isObjectOfStrings);
        noEffect(all, CHAT, "parallel_tool_calls", "true or false", JsonNode::isBoolean);

        neutral(all, CHAT, "store", "false", Surface::isFalse, "this server keeps no answers");
        neutral(
                all,
                CHAT,
                "response_format",
                "{\"type\": \"text\"}",
                value -> value.size() == 1 && value.path("type").asText().equals("text"),
                "this server does not constrain output to JSON or a schema");
        neutral(
                all,
                CHAT,
                "modalities",
                "[\"text\"]",
                value -> value.size() == 1 && value.path(0).asText().equals("text"),
                "this server gives text only");
        neutral(
                all,
                CHAT,
                "function_call",
                "none or auto",
                value -> value.asText().matches("none|auto"),
                "it is deprecated and functions are not supported");
        neutral(
                all,
                CHAT,
                "verbosity",
                "medium",
                value -> value.asText().equals("medium"),
                "models here do not know it");
        neutral(
                all,
                COMPLETIONS,
                "suffix",
                "an empty string",
                value -> value.isTextual() && value.textValue().isEmpty(),
                "this server does not fill in the middle");
        neutral(
                all,
                BOTH,
                "use_beam_search",
                "false",
                Surface::isFalse,
                "there is no beam search here");
        neutral(all, BOTH, "length_penalty", "1", Surface::isOne, "there is no beam search here");
        neutral(
                all,
                BOTH,
                "spaces_between_special_tokens",
                "true",
                Surface::isTrue,
                "this server writes text as the tokenizer does");

        refused(all, CHAT, "audio", "this server gives text only");
        refused(all, CHAT, "functions", "it is deprecated; state tools");
        refused(all, CHAT, "moderation", "this server moderates nothing");
        refused(all, CHAT, "prediction", "this server does not decode speculatively");
        refused(
                all,
                CHAT,
                "reasoning_effort",
                "state chat_template_kwargs where the model's chat template knows a switch, such as"
                        + " enable_thinking");
        refused(all, CHAT, "web_search_options", "this server does not search");
        return List.copyOf(all);
    }

    private static void honoured(List<RequestField> all, Where where, String... names) {
        for (String name : names) {
            all.add(new RequestField(name, where, HONOURED, "", value -> true, ""));
        }
    }

    private static void noEffect(
            List<RequestField> all,
            Where where,
            String name,
            String allowed,
            Predicate<JsonNode> accepts) {
        all.add(new RequestField(name, where, NO_EFFECT, allowed, accepts, ""));
    }

    private static void neutral(
            List<RequestField> all,
            Where where,
            String name,
            String allowed,
            Predicate<JsonNode> accepts,
            String reason) {
        all.add(new RequestField(name, where, NEUTRAL, allowed, accepts, reason));
    }

    private static void refused(List<RequestField> all, Where where, String name, String reason) {
        all.add(new RequestField(name, where, REFUSED, "", value -> false, reason));
    }

    private static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.booleanValue();
    }

    private static boolean isTrue(JsonNode value) {
        return value.isBoolean() && value.booleanValue();
    }

    private static boolean isOne(JsonNode value) {
        return value.isNumber() && value.doubleValue() == 1;
    }

    private static boolean isObjectOfStrings(JsonNode value) {
        return value.isObject()
                && StreamSupport.stream(value.spliterator(), false).allMatch(JsonNode::isTextual);
    }
}
