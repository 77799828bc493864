package io.hfx.engine.checkpoint;

/** The model families that can be read, with what their configs mean where they say nothing. */
public enum Family {
    LLAMA("Llama", "llama", "LlamaForCausalLM"),
    MISTRAL("Mistral", "mistral", "MistralForCausalLM"),
    QWEN2("Qwen2", "qwen2", "Qwen2ForCausalLM"),
    QWEN3("Qwen3", "qwen3", "Qwen3ForCausalLM");

    private final String title;
    private final String modelType;
    private final String architecture;

    Family(String title, String modelType, String architecture) {
        this.title = title;
        this.modelType = modelType;
        this.architecture = architecture;
    }

    /** As written in text. */
    public String title() {
        return title;
    }

    /** The value of {@code model_type}. */
    public String modelType() {
        return modelType;
    }

    /** The value of {@code architectures}. */
    public String architecture() {
        return architecture;
    }

    /** Key/value heads where the config has no such field. */
    int defaultKvHeads(int heads) {
        return switch (this) {
            case LLAMA -> heads;
            case MISTRAL -> 8;
            case QWEN2, QWEN3 -> 32;
        };
    }

    /** Whether windows are chosen by {@code use_sliding_window} and by layer. */
    boolean windowsByLayer() {
        return this == QWEN2 || this == QWEN3;
    }
}
