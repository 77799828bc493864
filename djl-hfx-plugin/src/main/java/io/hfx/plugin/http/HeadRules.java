package io.hfx.plugin.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/**
 * What a request's head must be beyond what the decoder asks. A proxy before this server may read
 * an ambiguous head in another way than we do, and so let one client's bytes pass as another's
 * request: every such head is refused (RFC 9112, sections 3.2, 6.1 and 11.2).
 */
final class HeadRules {
    private HeadRules() {}

    /**
     * Checks a head.
     *
     * @param bodyBytes most bytes of a body
     * @throws ApiException that says what is wrong
     */
    static void check(HttpRequest head, int bodyBytes) {
        HttpVersion version = head.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            throw ApiError.invalid(
                            505, null, "http_version_not_supported", "This server speaks HTTP/1.1")
                    .asException();
        }
        HttpHeaders headers = head.headers();
        if (headers.getAll(HttpHeaderNames.HOST).size() > 1) {
            throw ApiError.badRequest("host", "host must be stated once").asException();
        }
        if (headers.getAll(HttpHeaderNames.AUTHORIZATION).size() > 1) {
            throw ApiError.badRequest("authorization", "authorization must be stated once")
                    .asException();
        }
        checkTransferEncoding(headers, version);
        if (HttpUtil.getContentLength(head, 0L) > bodyBytes) {
            throw tooLarge(bodyBytes).asException();
        }
        if (headers.contains(HttpHeaderNames.EXPECT) && !HttpUtil.is100ContinueExpected(head)) {
            throw ApiError.invalid(
                            417, "expect", "expectation_failed", "expect must be 100-continue")
                    .asException();
        }
    }

    private static void checkTransferEncoding(HttpHeaders headers, HttpVersion version) {
        List<String> encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (encodings.isEmpty()) {
            return;
        }
        boolean chunked =
                encodings.size() == 1
                        && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.get(0));
        if (!chunked || version.equals(HttpVersion.HTTP_1_0)) {
            throw ApiError.badRequest(
                            "transfer-encoding",
                            "transfer-encoding must be chunked alone, in HTTP/1.1")
                    .asException();
        }
    }

    static ApiError tooLarge(int bodyBytes) {
        return ApiError.invalid(
                413, null, "request_too_large", "The body must be at most " + bodyBytes + " bytes");
    }
}
