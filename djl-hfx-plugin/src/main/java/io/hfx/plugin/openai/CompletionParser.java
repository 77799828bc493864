package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.openai.RequestField.Where;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The body of {@code /v1/completions}. A prompt is a string, an array of strings, an array of token
 * ids or an array of such arrays; none is an empty text, which is the model's begin token alone.
 */
final class CompletionParser implements RequestParser {
    /** What OpenAI documents for this endpoint. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    /** No prompt is an empty one: the text begins where the model's begin token stands. */
    private static final JsonNode NOTHING = TextNode.valueOf("");

    private static final String FORMS =
            "prompt must be a string, an array of strings, an array of token ids or an array of"
                    + " arrays of token ids";

    @Override
    public ParsedRequest parse(Fields body, ServedModel model, RequestLimits limits) {
        Parameters parameters = Parameters.read(body, false, model, limits);
        Surface.check(body, Where.COMPLETIONS);
        JsonNode prompt = body.value("prompt").orElse(NOTHING);
        boolean echo = echo(body, parameters);
        checkBestOf(body, parameters.choices());
        body.rejectOthers();
        List<int[]> prompts = prompts(prompt, model, limits);
        int longest = prompts.stream().mapToInt(each -> each.length).max().orElseThrow();
        int rest = model.maxSequenceTokens() - longest;
        return new ParsedRequest(
                parameters,
                prompts,
                echo ? texts(prompt, prompts, model) : List.of(),
                true,
                Math.min(rest, DEFAULT_MAX_TOKENS));
    }

    private static boolean echo(Fields body, Parameters parameters) {
        boolean echo = body.flag("echo");
        if (echo && parameters.logprobs() != GenerationRequest.NO_LOGPROBS) {
            throw Fields.unsupported(
                    "echo",
                    "unsupported_value",
                    "echo must be false with logprobs: there are none of the prompt's tokens");
        }
        return echo;
    }

    /** Choosing the best of more than are returned is not supported. */
    private static void checkBestOf(Fields body, int choices) {
        OptionalInt bestOf = body.integer("best_of", 1, Integer.MAX_VALUE);
        if (bestOf.isPresent() && bestOf.getAsInt() != choices) {
            throw Fields.unsupported(
                    "best_of",
                    "unsupported_value",
                    "best_of must be equal to n: this server returns every choice that it makes");
        }
    }

    /** The prompts as text, for an echo. */
    private static List<String> texts(JsonNode prompt, List<int[]> prompts, ServedModel model) {
        List<String> texts = new ArrayList<>(prompts.size());
        for (int i = 0; i < prompts.size(); i++) {
            JsonNode stated = prompt.isArray() ? prompt.get(i) : prompt;
            texts.add(
                    stated.isTextual()
                            ? stated.textValue()
                            : model.tokenizer().decode(prompts.get(i), true));
        }
        return texts;
    }

    private static List<int[]> prompts(JsonNode prompt, ServedModel model, RequestLimits limits) {
        if (prompt.isTextual()) {
            return List.of(one(prompt, model, limits));
        }
        if (!prompt.isArray() || prompt.isEmpty()) {
            throw wrongForm();
        }
        if (prompt.get(0).isNumber()) {
            return List.of(one(prompt, model, limits));
        }
        if (prompt.size() > limits.prompts()) {
            throw Fields.bad("prompt", "prompt must hold at most " + limits.prompts());
        }
        boolean texts = prompt.get(0).isTextual();
        List<int[]> prompts = new ArrayList<>(prompt.size());
        for (JsonNode each : prompt) {
            if (each.isTextual() != texts) {
                throw wrongForm();
            }
            prompts.add(one(each, model, limits));
        }
        return prompts;
    }

    private static int[] one(JsonNode prompt, ServedModel model, RequestLimits limits) {
        int[] ids;
        if (prompt.isTextual()) {
            ids = model.tokenizer().encode(prompt.textValue(), true);
        } else if (prompt.isArray()) {
            ids = ids(prompt, model.tokenizer().vocabulary());
        } else {
            throw wrongForm();
        }
        return RequestParser.checkPrompt("prompt", ids, model, limits);
    }

    private static int[] ids(JsonNode array, int vocabulary) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = array.get(i);
            if (!id.canConvertToExactIntegral()) {
                throw wrongForm();
            }
            if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= vocabulary) {
                throw Fields.bad("prompt", "prompt's token ids must be 0 to " + (vocabulary - 1));
            }
            ids[i] = id.intValue();
        }
        return ids;
    }

    private static ApiException wrongForm() {
        return Fields.bad("prompt", FORMS);
    }
}
