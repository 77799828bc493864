package io.hfx.plugin.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** Answers for requests that never became an exchange; the connection ends with them. */
final class ErrorResponse {
    private ErrorResponse() {}

    static void sendAndClose(Channel channel, ApiError error) {
        Lingering.closeAfter(channel.writeAndFlush(of(error)));
    }

    static FullHttpResponse of(ApiError error) {
        byte[] body = error.body();
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(error.status()),
                        Unpooled.wrappedBuffer(body));
        response.headers()
                .set(error.headers())
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return response;
    }
}
