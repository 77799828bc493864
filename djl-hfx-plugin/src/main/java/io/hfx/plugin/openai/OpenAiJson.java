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
    private final Head head;
    private final List<String> echo;
    private final boolean includeUsage;

    /**
     * @param chat whether the answer is of chat completions
     * @param echo text that stands before each choice's, or empty
     * @param includeUsage whether events carry {@code "usage": null} where they do not tell it
     */
    OpenAiJson(boolean chat, Head head, List<String> echo, boolean includeUsage) {
        this.chat = chat;
        this.head = head;
        this.echo = echo;
        this.includeUsage = includeUsage;
    }

    /**
     * What every object of an answer begins with.
     *
     * @param id of the request
     * @param createdSeconds Unix time
     * @param model as clients name it
     * @param serviceTier the one that held, or null where none was stated
     */
    record Head(String id, long createdSeconds, String model, @Nullable String serviceTier) {}

    @Override
    public @Nullable String opening(int choice, @Nullable Usage soFar) {
        if (!chat) {
            return echo.isEmpty() ? null : delta(choice, echo.get(choice), null, soFar);
        }
        ObjectNode root = event();
        ObjectNode node = choice(root, choice);
        node.putObject("delta").put("role", "assistant").put("content", "");
        return end(root, node, null, null, soFar);
    }

    @Override
    public String delta(
            int choice, String text, @Nullable ScoredToken token, @Nullable Usage soFar) {
        ObjectNode root = event();
        ObjectNode node = choice(root, choice);
        if (chat) {
            node.putObject("delta").put("content", text);
        } else {
            node.put("text", text);
        }
        return end(root, node, token == null ? null : List.of(token), null, soFar);
    }

    @Override
    public String closing(int choice, String finishReason, @Nullable Usage soFar) {
        ObjectNode root = event();
        ObjectNode node = choice(root, choice);
        if (chat) {
            node.putObject("delta");
        } else {
            node.put("text", "");
        }
        return end(root, node, null, finishReason, soFar);
    }

    private static ObjectNode choice(ObjectNode root, int choice) {
        return root.putArray("choices").addObject().put("index", choice);
    }

    private String end(
            ObjectNode root,
            ObjectNode choice,
            @Nullable List<ScoredToken> tokens,
            @Nullable String finishReason,
            @Nullable Usage soFar) {
        putLogprobs(choice, tokens).put("finish_reason", finishReason);
        if (soFar != null) {
            put(root, soFar);
        } else if (includeUsage) {
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
                String before = echo.isEmpty() ? "" : echo.get(i);
                node.put("text", before + choices.get(i).text());
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
        ObjectNode root =
                JSON.createObjectNode()
                        .put("id", (chat ? "chatcmpl-" : "cmpl-") + head.id())
                        .put("object", object)
                        .put("created", head.createdSeconds())
                        .put("model", head.model());
        if (chat && head.serviceTier() != null) {
            root.put("service_tier", head.serviceTier());
        }
        return root;
    }

    /** Thoughts are part of the text here, so none are told apart as reasoning. */
    private static void put(ObjectNode root, Usage usage) {
        ObjectNode node =
                root.putObject("usage")
                        .put("prompt_tokens", usage.promptTokens())
                        .put("completion_tokens", usage.completionTokens())
                        .put("total_tokens", usage.promptTokens() + usage.completionTokens());
        node.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedTokens());
        node.putObject("completion_tokens_details").put("reasoning_tokens", 0);
    }
}
