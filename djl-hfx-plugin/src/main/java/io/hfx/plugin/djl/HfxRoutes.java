package io.hfx.plugin.djl;

import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.HttpHandler;
import io.hfx.plugin.http.Router;
import io.hfx.plugin.openai.GenerationForm;
import io.hfx.plugin.openai.OpenAiApi;
import io.hfx.plugin.service.ModelDirectory;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which requests of the server's port are for token-level models, and who answers them. The
 * server's own paths are claimed only while there is such a model. Thread-safe.
 */
final class HfxRoutes {
    private static final String CHAT = "/v1/chat/completions";
    private static final String INVOCATIONS = "/invocations";
    private static final Pattern NAMED =
            Pattern.compile("/predictions/([^/]+)|/models/([^/]+)/invoke");

    private final ModelDirectory models;
    private final StockNaming naming;

    HfxRoutes(ModelDirectory models, StockNaming naming) {
        this.models = models;
        this.naming = naming;
    }

    /** Adds what answers them. */
    void addTo(Router router, OpenAiApi api) {
        api.addRoutes(router, naming.orStated());
        HttpHandler named =
                api.generation(
                        GenerationForm.EITHER,
                        (exchange, stated) -> inPath(Router.path(exchange.uri())));
        HttpHandler checked =
                exchange -> {
                    if (inPath(Router.path(exchange.uri())) == null) {
                        throw ApiError.invalid(404, null, "unknown_url", "Unknown path")
                                .asException();
                    }
                    named.handle(exchange);
                };
        router.on("POST", INVOCATIONS, api.generation(GenerationForm.EITHER, naming))
                .on("POST", "/predictions/*", checked)
                .on("POST", "/models/*", checked);
    }

    /** Whether a request may be ours. */
    boolean claims(String method, String uri) {
        String path = withoutQuery(uri);
        if (path.equals("/v1/completions")
                || path.equals("/v1/models")
                || path.startsWith("/v1/models/")) {
            return true;
        }
        if (models.names().isEmpty()) {
            return false;
        }
        if (path.equals(CHAT)) {
            return method.equals("POST") || method.equals("OPTIONS");
        }
        return method.equals("POST") && (path.equals(INVOCATIONS) || serves(inPath(decoded(path))));
    }

    /**
     * Whether a claimed request is ours. A body that may be another model's is read as far as its
     * field {@code model}.
     */
    boolean isOurs(FullHttpRequest request) {
        String path = new QueryStringDecoder(request.uri()).path();
        if (!path.equals(CHAT) && !path.equals(INVOCATIONS) && inPath(path) == null) {
            return true;
        }
        if (request.method().name().equals("OPTIONS")) {
            return true;
        }
        HttpHeaders headers = request.headers();
        if (isAsynchronous(headers) || isForm(headers)) {
            return false;
        }
        if (inPath(path) != null) {
            return serves(inPath(path));
        }
        return (path.equals(CHAT) && serves(ModelField.of(request.content())))
                || serves(naming.named(request.uri(), headers));
    }

    /** The server keeps such answers for later: its handlers do, through a job. */
    private static boolean isAsynchronous(HttpHeaders headers) {
        return headers.contains("x-starting-token")
                || headers.get("x-synchronous", "true").equalsIgnoreCase("false");
    }

    /** A form may name its model in a field. */
    private static boolean isForm(HttpHeaders headers) {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "").toLowerCase(Locale.ROOT);
        return type.startsWith("multipart/")
                || type.startsWith("application/x-www-form-urlencoded");
    }

    private boolean serves(@Nullable String model) {
        return model != null && models.find(model) != null;
    }

    private static @Nullable String inPath(String path) {
        Matcher named = NAMED.matcher(path);
        if (!named.matches()) {
            return null;
        }
        return named.group(1) == null ? named.group(2) : named.group(1);
    }

    static String withoutQuery(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    /** The path with its escapes resolved; empty where it is malformed. */
    static String decoded(String path) {
        try {
            return path.indexOf('%') < 0 ? path : QueryStringDecoder.decodeComponent(path);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
