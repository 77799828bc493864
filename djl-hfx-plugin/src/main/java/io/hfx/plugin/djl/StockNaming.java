package io.hfx.plugin.djl;

import io.hfx.plugin.http.HttpExchange;
import io.hfx.plugin.openai.ModelNaming;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How DJL Serving itself names the model of a request whose path does not: the query parameter
 * {@code model_name}, the header of that name (or SageMaker's custom attribute), else the one model
 * that was loaded at its start. Forms, which may name it too, are left to the server. Thread-safe.
 */
final class StockNaming implements ModelNaming {
    private static final String MODEL_NAME = "model_name";
    private static final String ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes";

    private final Supplier<Optional<String>> onlyModel;

    /**
     * @param onlyModel the model that was loaded at the server's start, where it was one
     */
    StockNaming(Supplier<Optional<String>> onlyModel) {
        this.onlyModel = onlyModel;
    }

    /** The body's field {@code model} does not count here, as with all models of the server. */
    @Override
    public @Nullable String model(HttpExchange exchange, @Nullable String stated) {
        return named(exchange.uri(), exchange.headers());
    }

    /** The same with the body's field {@code model} first. */
    ModelNaming orStated() {
        return (exchange, stated) -> stated != null ? stated : model(exchange, null);
    }

    @Nullable String named(String uri, HttpHeaders headers) {
        String name = parameter(uri);
        if (name == null || name.isEmpty()) {
            String inHeaders = property(headers);
            name = inHeaders == null ? name : inHeaders;
        }
        return name == null ? onlyModel.get().orElse(null) : name;
    }

    private static @Nullable String parameter(String uri) {
        if (uri.indexOf('?') < 0) {
            return null;
        }
        List<String> values = new QueryStringDecoder(uri).parameters().get(MODEL_NAME);
        return values == null || values.isEmpty() ? null : values.get(0);
    }

    /** Of duplicates the last wins. */
    private static @Nullable String property(HttpHeaders headers) {
        String found = null;
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().equalsIgnoreCase(MODEL_NAME)) {
                found = header.getValue();
            } else if (header.getKey().equalsIgnoreCase(ATTRIBUTES)) {
                String attribute = attribute(header.getValue());
                found = attribute == null ? found : attribute;
            }
        }
        return found;
    }

    private static @Nullable String attribute(String attributes) {
        String found = null;
        for (String each : attributes.split(";", -1)) {
            String[] pair = each.split("=", 2);
            if (pair.length == 2 && pair[0].trim().equalsIgnoreCase(MODEL_NAME)) {
                found = pair[1].trim();
            }
        }
        return found;
    }
}
