package io.hfx.engine.text;

import com.fasterxml.jackson.databind.node.ArrayNode;

/** Renders a conversation to the text that the model was trained on. Thread-safe. */
public interface ChatTemplate {
    /**
     * Renders.
     *
     * @param messages objects with {@code role}, {@code content} (text, null, or parts), and
     *     whatever else the template knows: {@code name}, {@code tool_calls} (with {@code
     *     arguments} as an object), {@code tool_call_id}, {@code reasoning_content}; they are read,
     *     not kept
     * @throws ChatTemplateException if the template refuses the conversation or fails
     */
    String render(ArrayNode messages, ChatOptions options);

    /** The template cannot render this conversation; the message says why. */
    final class ChatTemplateException extends RuntimeException {
        public ChatTemplateException(String message) {
            super(message);
        }
    }
}
