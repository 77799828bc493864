package io.hfx.plugin.openai;

/** Which of the two bodies a generation endpoint takes. */
public enum GenerationForm {
    /** That of {@code /v1/chat/completions}. */
    CHAT,
    /** That of {@code /v1/completions}. */
    COMPLETIONS,
    /** Chat where it has {@code messages}, else completions. */
    EITHER;

    /** Whether this body is one of chat completions. */
    boolean isChat(Fields body) {
        return this == CHAT || (this == EITHER && body.value("messages").isPresent());
    }
}
