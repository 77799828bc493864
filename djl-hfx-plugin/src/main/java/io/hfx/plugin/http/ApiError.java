package io.hfx.plugin.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An error as the OpenAI API words it: {@code {"error": {"message", "type", "param", "code"}}}.
 *
 * @param status of HTTP
 * @param message one sentence for people
 * @param type for example {@code invalid_request_error}
 * @param param the field or header at fault, or null
 * @param code machine-readable, or null
 * @param reason for the header {@code x-hfx-reason}, or null
 * @param retryAfterSeconds for the header {@code Retry-After}; 0 for none
 */
public record ApiError(
        int status,
        String message,
        String type,
        @Nullable String param,
        @Nullable String code,
        @Nullable String reason,
        long retryAfterSeconds) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The request is at fault; {@code param} names the field or header, where one is. */
    public static ApiError badRequest(@Nullable String param, String message) {
        return invalid(400, param, param == null ? null : "invalid_value", message);
    }

    /** The request is at fault, with a status of its own. */
    public static ApiError invalid(
            int status, @Nullable String param, @Nullable String code, String message) {
        return new ApiError(status, message, "invalid_request_error", param, code, null, 0);
    }

    /** The request names no key, or one that is not known. */
    public static ApiError unauthorized(String code, String message) {
        return new ApiError(401, message, "authentication_error", null, code, null, 0);
    }

    /** The key is known and may not do this; {@code param} names the field, where one is. */
    public static ApiError forbidden(@Nullable String param, String code, String message) {
        return new ApiError(403, message, "permission_error", param, code, null, 0);
    }

    /** The server is at fault; nothing of the inside is told. */
    public static ApiError server(String message) {
        return new ApiError(500, message, "server_error", null, null, null, 0);
    }

    /** The request cannot be served now: 429 or 503. */
    public static ApiError refused(int status, String reason, String message, long retrySeconds) {
        boolean rate = status == 429;
        return new ApiError(
                status,
                message,
                rate ? "rate_limit_error" : "server_error",
                null,
                rate ? "rate_limit_exceeded" : reason,
                reason,
                Math.max(1, retrySeconds));
    }

    /** Ends the handling of a request with this error. */
    public ApiException asException() {
        return new ApiException(this);
    }

    /** The body of the answer, one JSON object. */
    public String json() {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("error")
                .put("message", message)
                .put("type", type)
                .put("param", param)
                .put("code", code);
        return root.toString();
    }

    byte[] body() {
        return json().getBytes(StandardCharsets.UTF_8);
    }

    /** Headers of the answer that the error asks for. */
    public HttpHeaders headers() {
        HttpHeaders headers = new DefaultHttpHeaders();
        if (retryAfterSeconds > 0) {
            headers.set(HttpHeaderNames.RETRY_AFTER, retryAfterSeconds);
        }
        if (status == 401) {
            headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        if (reason != null) {
            headers.set("x-hfx-reason", reason);
        }
        return headers;
    }
}
