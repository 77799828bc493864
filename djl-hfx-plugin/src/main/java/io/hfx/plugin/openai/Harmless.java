package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Fields of the OpenAI API, and of vLLM's additions, that this server does not act on: accepted
 * where they ask for nothing, a 400 that names the field otherwise.
 */
@SuppressWarnings("UnnecessaryLambda") // a table of named predicates
final class Harmless {
    private static final Predicate<JsonNode> ANY = value -> true;
    private static final Predicate<JsonNode> ONE = number(1);
    private static final Predicate<JsonNode> OFF =
            value -> value.isBoolean() && !value.booleanValue();
    private static final Predicate<JsonNode> ON =
            value -> value.isBoolean() && value.booleanValue();
    private static final Predicate<JsonNode> EMPTY =
            value -> value.isContainerNode() && value.isEmpty();
    private static final Predicate<JsonNode> NEVER = value -> false;

    private static final Map<String, Predicate<JsonNode>> BOTH = new LinkedHashMap<>();
    private static final Map<String, Predicate<JsonNode>> CHAT = new LinkedHashMap<>();
    private static final Map<String, Predicate<JsonNode>> COMPLETIONS = new LinkedHashMap<>();

    static {
        BOTH.put("user", ANY);
        BOTH.put("metadata", ANY);
        BOTH.put("store", OFF);
        BOTH.put("length_penalty", ONE);
        BOTH.put("use_beam_search", OFF);
        BOTH.put("skip_special_tokens", ON);
        BOTH.put("spaces_between_special_tokens", ON);

        CHAT.put("safety_identifier", ANY);
        CHAT.put("prompt_cache_key", ANY);
        CHAT.put("prompt_cache_retention", ANY);
        CHAT.put("parallel_tool_calls", ANY);
        CHAT.put("response_format", type("text"));
        CHAT.put("modalities", value -> value.size() == 1 && value.path(0).asText().equals("text"));
        CHAT.put("tools", EMPTY);
        CHAT.put("tool_choice", value -> value.asText().matches("none|auto"));
        CHAT.put("functions", EMPTY);
        CHAT.put("function_call", value -> value.asText().matches("none|auto"));
        CHAT.put("audio", NEVER);
        CHAT.put("prediction", NEVER);
        CHAT.put("web_search_options", NEVER);
        CHAT.put("reasoning_effort", value -> value.asText().equals("none"));
        CHAT.put("verbosity", NEVER);
        CHAT.put("add_generation_prompt", ON);

        COMPLETIONS.put("echo", OFF);
        COMPLETIONS.put("best_of", ONE);
        COMPLETIONS.put("top_logprobs", NEVER);
        COMPLETIONS.put("suffix", value -> value.isTextual() && value.textValue().isEmpty());
    }

    private Harmless() {}

    static void chat(Fields body) {
        check(body, CHAT);
        check(body, BOTH);
    }

    static void completions(Fields body) {
        check(body, COMPLETIONS);
        check(body, BOTH);
    }

    private static void check(Fields body, Map<String, Predicate<JsonNode>> table) {
        table.forEach(
                (name, accepted) ->
                        body.value(name)
                                .filter(accepted.negate())
                                .ifPresent(
                                        value -> {
                                            throw Fields.bad(
                                                    name,
                                                    "This server does not support "
                                                            + name
                                                            + " with this value");
                                        }));
    }

    private static Predicate<JsonNode> number(int wanted) {
        return value -> value.isNumber() && value.doubleValue() == wanted;
    }

    private static Predicate<JsonNode> type(String wanted) {
        return value -> value.path("type").asText().equals(wanted);
    }
}
