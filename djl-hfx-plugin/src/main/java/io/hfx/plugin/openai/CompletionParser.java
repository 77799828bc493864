package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.service.ServedModel;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of {@code /v1/completions}. A prompt is a string, an array of strings, an array of token
 * ids or an array of such arrays.
 */
final class CompletionParser implements RequestParser {
    /** What OpenAI documents for this endpoint. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    private static final String FORMS =
            "prompt must be a string, an array of strings, an array of token ids or an array of"
                    + " arrays of token ids";

    @Override
    public ParsedRequest parse(byte[] bytes, ServedModel model, RequestLimits limits) {
        Fields body = Fields.parse(bytes);
        Parameters parameters = Parameters.read(body, false, model, limits);
        Harmless.completions(body);
        JsonNode prompt =
                body.value("prompt").orElseThrow(() -> Fields.bad("prompt", "prompt is missing"));
        body.rejectOthers();
        RequestParser.checkModel(parameters.model(), model);
        List<int[]> prompts = prompts(prompt, model, limits);
        int longest = prompts.stream().mapToInt(each -> each.length).max().orElseThrow();
        int rest = model.maxSequenceTokens() - longest;
        return new ParsedRequest(parameters, prompts, Math.min(rest, DEFAULT_MAX_TOKENS));
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
            if (!id.isIntegralNumber()) {
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
