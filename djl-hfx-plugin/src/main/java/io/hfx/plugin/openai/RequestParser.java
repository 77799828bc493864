package io.hfx.plugin.openai;

import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.service.ServedModel;

/** Makes a checked request of a body, for one of the two endpoints. Stateless; any thread. */
interface RequestParser {
    /**
     * Parses, checks and tokenises.
     *
     * @param model that the request is for, whatever the body calls it
     * @throws ApiException that names the field at fault
     */
    ParsedRequest parse(Fields body, ServedModel model, RequestLimits limits);

    /** Refuses a prompt that is empty or too long by itself. */
    static int[] checkPrompt(String field, int[] prompt, ServedModel model, RequestLimits limits) {
        if (prompt.length == 0) {
            throw Fields.bad(field, field + " must not be empty");
        }
        if (prompt.length > limits.promptTokens()) {
            throw Fields.bad(
                    field, field + " must be at most " + limits.promptTokens() + " tokens");
        }
        if (prompt.length >= model.maxSequenceTokens()) {
            throw contextExceeded(field, prompt.length, 1, model);
        }
        return prompt;
    }

    /** Prompt and output do not fit together. */
    static ApiException contextExceeded(
            String field, int promptTokens, int maxTokens, ServedModel model) {
        return ApiError.invalid(
                        400,
                        field,
                        "context_length_exceeded",
                        "This model's context is "
                                + model.maxSequenceTokens()
                                + " tokens; the prompt has "
                                + promptTokens
                                + " and at least "
                                + maxTokens
                                + " are asked for")
                .asException();
    }
}
