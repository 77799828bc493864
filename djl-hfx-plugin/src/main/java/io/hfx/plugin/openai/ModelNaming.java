package io.hfx.plugin.openai;

import io.hfx.plugin.http.HttpExchange;
import org.jspecify.annotations.Nullable;

/** Who says which model a request is for. Any thread. */
@FunctionalInterface
public interface ModelNaming {
    /** The body's field {@code model}, which must be there. */
    ModelNaming BODY = (exchange, stated) -> stated;

    /**
     * The name of the model, or null where none is named, which is a 400.
     *
     * @param stated the body's field {@code model}, or null
     */
    @Nullable String model(HttpExchange exchange, @Nullable String stated);
}
