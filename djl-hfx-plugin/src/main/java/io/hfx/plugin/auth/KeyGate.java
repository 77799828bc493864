package io.hfx.plugin.auth;

import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.Caller;
import io.hfx.plugin.http.Gate;
import io.hfx.plugin.http.Router;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks for a key: inference keys open {@code /v1/*} and DJL Serving's own inference paths, admin
 * keys all else but the probes, which are open. So is a browser's preflight, which cannot carry a
 * key.
 */
public final class KeyGate implements Gate {
    private static final Set<String> OPEN = Set.of("/health", "/live", "/ready");
    private static final Pattern INFERENCE =
            Pattern.compile("/v1/.*|/predictions/.*|/invocations|/models/[^/]+/invoke");
    private static final Pattern BEARER =
            Pattern.compile("Bearer +(\\S{1,512})", Pattern.CASE_INSENSITIVE);
    private static final Caller PROBE = new Caller("", Set.of(), false);

    private final Supplier<AccessKeys> keys;
    private final boolean trustClientSlo;

    /**
     * @param keys asked for every request
     * @param trustClientSlo whether callers may state tighter objectives than their classes have
     */
    public KeyGate(Supplier<AccessKeys> keys, boolean trustClientSlo) {
        this.keys = keys;
        this.trustClientSlo = trustClientSlo;
    }

    @Override
    public Caller admit(HttpRequest head) {
        String path = Router.path(head.uri());
        if (OPEN.contains(path) || head.method().equals(HttpMethod.OPTIONS)) {
            refuseBody(head);
            return PROBE;
        }
        AccessKey key = key(head.headers().get(HttpHeaderNames.AUTHORIZATION, ""));
        Role needed = INFERENCE.matcher(path).matches() ? Role.INFERENCE : Role.ADMIN;
        if (key.role() != needed) {
            throw ApiError.forbidden(
                            null, "wrong_role", "This path needs a key of role " + needed.text())
                    .asException();
        }
        return new Caller(key.name(), key.sloClasses(), trustClientSlo);
    }

    /** Nobody without a key may take memory. */
    private static void refuseBody(HttpRequest head) {
        if (HttpUtil.getContentLength(head, 0L) > 0 || HttpUtil.isTransferEncodingChunked(head)) {
            throw ApiError.badRequest(null, "A request without a key must have no body")
                    .asException();
        }
    }

    private AccessKey key(String authorization) {
        if (authorization.isBlank()) {
            throw ApiError.unauthorized(
                            "missing_api_key",
                            "A key is needed: state it as Authorization: Bearer KEY")
                    .asException();
        }
        Matcher bearer = BEARER.matcher(authorization.strip());
        if (!bearer.matches()) {
            throw unknown();
        }
        return keys.get().find(bearer.group(1)).orElseThrow(KeyGate::unknown);
    }

    private static RuntimeException unknown() {
        return ApiError.unauthorized("invalid_api_key", "The key is not known").asException();
    }
}
