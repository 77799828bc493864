package io.hfx.cli.bench;

/** Which call of the OpenAI API is made. */
public enum Api {
    /** The prompt is an array of token ids, so that its length is exact. */
    COMPLETIONS("v1/completions"),
    /** The prompt is text of about the length asked for. */
    CHAT("v1/chat/completions");

    private final String path;

    Api(String path) {
        this.path = path;
    }

    String path() {
        return path;
    }
}
