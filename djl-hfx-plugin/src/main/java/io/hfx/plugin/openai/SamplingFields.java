package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.sampling.LogitBias;
import io.hfx.engine.sampling.SamplingParams;
import io.hfx.plugin.service.GenerationRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** The fields that say how tokens are chosen, and what is told of them. */
final class SamplingFields {
    private static final int CHAT_LOGPROBS = 20;
    private static final int COMPLETION_LOGPROBS = 5;
    private static final int STOP_TOKENS = 128;

    private SamplingFields() {}

    /**
     * @param vocabulary ids below it may be biased
     * @param maxBiases entries that {@code logit_bias} may have
     */
    static SamplingParams params(Fields body, int vocabulary, int maxBiases) {
        double topP = body.number("top_p", 0, 1).orElse(1);
        if (topP == 0) {
            throw Fields.bad("top_p", "top_p must be above 0 and at most 1");
        }
        return SamplingParams.builder()
                .temperature(body.number("temperature", 0, 2).orElse(1))
                .topP(topP)
                .topK(Math.max(0, body.integer("top_k", -1, Integer.MAX_VALUE).orElse(0)))
                .minP(body.number("min_p", 0, 1).orElse(0))
                .repetitionPenalty(
                        body.number(
                                        "repetition_penalty",
                                        SamplingParams.MIN_REPETITION_PENALTY,
                                        SamplingParams.MAX_REPETITION_PENALTY)
                                .orElse(1))
                .presencePenalty(body.number("presence_penalty", -2, 2).orElse(0))
                .frequencyPenalty(body.number("frequency_penalty", -2, 2).orElse(0))
                .logitBias(logitBias(body, vocabulary, maxBiases))
                .seed(
                        body.value("seed")
                                .map(SamplingFields::seed)
                                .orElseGet(() -> ThreadLocalRandom.current().nextLong()))
                .build();
    }

    /** Alternatives wanted with each token, as {@link GenerationRequest#logprobs()}. */
    static int logprobs(Fields body, boolean chat) {
        if (!chat) {
            return body.integer("logprobs", 0, COMPLETION_LOGPROBS)
                    .orElse(GenerationRequest.NO_LOGPROBS);
        }
        boolean wanted = body.flag("logprobs");
        int alternatives = body.integer("top_logprobs", 0, CHAT_LOGPROBS).orElse(0);
        if (alternatives > 0 && !wanted) {
            throw Fields.bad("top_logprobs", "top_logprobs needs logprobs to be true");
        }
        return wanted ? alternatives : GenerationRequest.NO_LOGPROBS;
    }

    /** The field {@code stop_token_ids}. */
    static Set<Integer> stopTokenIds(Fields body, int vocabulary) {
        JsonNode list = body.value("stop_token_ids").orElse(null);
        if (list == null) {
            return Set.of();
        }
        if (!list.isArray() || list.size() > STOP_TOKENS) {
            throw Fields.bad(
                    "stop_token_ids",
                    "stop_token_ids must be an array of at most " + STOP_TOKENS + " token ids");
        }
        Set<Integer> ids = new HashSet<>();
        for (JsonNode id : list) {
            if (!id.isIntegralNumber()
                    || !id.canConvertToInt()
                    || id.intValue() < 0
                    || id.intValue() >= vocabulary) {
                throw Fields.bad(
                        "stop_token_ids",
                        "stop_token_ids must hold token ids from 0 to " + (vocabulary - 1));
            }
            ids.add(id.intValue());
        }
        return ids;
    }

    private static LogitBias logitBias(Fields body, int vocabulary, int maxBiases) {
        JsonNode value = body.value("logit_bias").orElse(null);
        if (value == null) {
            return LogitBias.NONE;
        }
        if (!(value instanceof ObjectNode object) || object.size() > maxBiases) {
            throw Fields.bad(
                    "logit_bias",
                    "logit_bias must be an object of at most " + maxBiases + " token ids");
        }
        Map<Integer, Float> biases = new HashMap<>();
        for (Map.Entry<String, JsonNode> each : object.properties()) {
            String id = each.getKey();
            double bias = each.getValue().isNumber() ? each.getValue().doubleValue() : Double.NaN;
            if (!id.matches("0|[1-9][0-9]{0,8}")
                    || Integer.parseInt(id) >= vocabulary
                    || !(Math.abs(bias) <= LogitBias.MOST)) {
                throw Fields.bad(
                        "logit_bias",
                        "logit_bias must give token ids from 0 to "
                                + (vocabulary - 1)
                                + " numbers from -100 to 100");
            }
            biases.put(Integer.parseInt(id), (float) bias);
        }
        return LogitBias.of(biases);
    }

    private static long seed(JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw Fields.bad("seed", "seed must be a whole number of 64 bits");
        }
        return value.longValue();
    }
}
