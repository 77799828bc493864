package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Both endpoints' JSON: they differ in names and in where the text stands. */
final class OpenAiJson implements ReplyFormat {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final boolean chat;
    private final String id;
    private final long createdSeconds;
    private final String model;
    private final boolean includeUsage;

    /**
     * @param chat whether the answer is of chat completions
     * @param includeUsage whether events carry {@code "usage": null} before the one that has it
     */
    OpenAiJson(boolean chat, String id, long createdSeconds, String model, boolean includeUsage) {
        this.chat = chat;
        this.id = (chat ? "chatcmpl-" : "cmpl-") + id;
        this.createdSeconds = createdSeconds;
        this.model = model;
        this.includeUsage = includeUsage;
    }

    @Override
    public @Nullable String opening(int choice) {
        if (!chat) {
            return null;
        }
        ObjectNode root = event();
        ObjectNode node = root.putArray("choices").addObject().put("index", choice);
        node.putObject("delta").put("role", "assistant").put("content", "");
        return end(root, node, null, null);
    }

    @Override
    public String delta(int choice, String text, @Nullable ScoredToken token) {
        ObjectNode root = event();
        ObjectNode node = root.putArray("choices").addObject().put("index", choice);
        if (chat) {
            node.putObject("delta").put("content", text);
        } else {
            node.put("text", text);
        }
        return end(root, node, token == null ? null : List.of(token), null);
    }

    @Override
    public String closing(int choice, String finishReason) {
        ObjectNode root = event();
        ObjectNode node = root.putArray("choices").addObject().put("index", choice);
        if (chat) {
            node.putObject("delta");
        } else {
            node.put("text", "");
        }
        return end(root, node, null, finishReason);
    }

    private String end(
            ObjectNode root,
            ObjectNode choice,
            @Nullable List<ScoredToken> tokens,
            @Nullable String finishReason) {
        putLogprobs(choice, tokens).put("finish_reason", finishReason);
        if (includeUsage) {
            root.putNull("usage");
        }
        return root.toString();
    }

    @Override
    public String usage(Usage usage) {
        ObjectNode root = event();
        root.putArray("choices");
        put(root, usage);
        return root.toString();
    }

    @Override
    public String whole(List<Choice> choices, Usage usage) {
        ObjectNode root = root(chat ? "chat.completion" : "text_completion");
        ArrayNode list = root.putArray("choices");
        for (int i = 0; i < choices.size(); i++) {
            ObjectNode node = list.addObject().put("index", i);
            if (chat) {
                node.putObject("message")
                        .put("role", "assistant")
                        .put("content", choices.get(i).text())
                        .putNull("refusal");
            } else {
                node.put("text", choices.get(i).text());
            }
            putLogprobs(node, choices.get(i).tokens())
                    .put("finish_reason", choices.get(i).finishReason());
        }
        put(root, usage);
        return root.toString();
    }

    private ObjectNode putLogprobs(ObjectNode choice, @Nullable List<ScoredToken> tokens) {
        if (tokens == null) {
            return choice.putNull("logprobs");
        }
        return choice.set(
                "logprobs", chat ? LogprobsJson.chat(tokens) : LogprobsJson.completions(tokens));
    }

    private ObjectNode event() {
        return root(chat ? "chat.completion.chunk" : "text_completion");
    }

    private ObjectNode root(String object) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", createdSeconds)
                .put("model", model);
    }

    private static void put(ObjectNode root, Usage usage) {
        root.putObject("usage")
                .put("prompt_tokens", usage.promptTokens())
                .put("completion_tokens", usage.completionTokens())
                .put("total_tokens", usage.promptTokens() + usage.completionTokens());
    }
}
