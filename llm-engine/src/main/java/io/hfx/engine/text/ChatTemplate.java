package io.hfx.engine.text;

import java.util.List;

/** Renders a conversation to the text that the model was trained on. Thread-safe. */
public interface ChatTemplate {
    /**
     * Renders with the generation prompt at the end.
     *
     * @throws ChatTemplateException if the template refuses the conversation or fails
     */
    String render(List<Message> messages);

    /**
     * One turn.
     *
     * @param role for example {@code user}
     * @param content its text
     */
    record Message(String role, String content) {}

    /** The template cannot render this conversation; the message says why. */
    final class ChatTemplateException extends RuntimeException {
        public ChatTemplateException(String message) {
            super(message);
        }
    }
}
