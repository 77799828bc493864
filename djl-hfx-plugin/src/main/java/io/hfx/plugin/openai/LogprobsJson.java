package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.plugin.openai.ScoredToken.Scored;
import java.util.List;

/** The object {@code logprobs} of a choice, in either endpoint's form. */
final class LogprobsJson {
    private LogprobsJson() {}

    static ObjectNode chat(List<ScoredToken> tokens) {
        ObjectNode logprobs = JsonNodeFactory.instance.objectNode();
        ArrayNode content = logprobs.putArray("content");
        for (ScoredToken each : tokens) {
            ArrayNode top = put(content.addObject(), each.token()).putArray("top_logprobs");
            each.top().forEach(other -> put(top.addObject(), other));
        }
        logprobs.putNull("refusal");
        return logprobs;
    }

    private static ObjectNode put(ObjectNode node, Scored scored) {
        node.put("token", scored.text()).put("logprob", scored.logprob());
        ArrayNode bytes = node.putArray("bytes");
        for (byte b : scored.bytes()) {
            bytes.add(b & 0xff);
        }
        return node;
    }

    /** Here the chosen token stands among the likeliest, whether it is one of them or not. */
    static ObjectNode completions(List<ScoredToken> tokens) {
        ObjectNode logprobs = JsonNodeFactory.instance.objectNode();
        ArrayNode texts = logprobs.putArray("tokens");
        ArrayNode chosen = logprobs.putArray("token_logprobs");
        ArrayNode tops = logprobs.putArray("top_logprobs");
        ArrayNode offsets = logprobs.putArray("text_offset");
        for (ScoredToken each : tokens) {
            texts.add(each.token().text());
            chosen.add(each.token().logprob());
            ObjectNode top = tops.addObject();
            each.top().forEach(other -> top.put(other.text(), other.logprob()));
            top.put(each.token().text(), each.token().logprob());
            offsets.add(each.textOffset());
        }
        return logprobs;
    }
}
