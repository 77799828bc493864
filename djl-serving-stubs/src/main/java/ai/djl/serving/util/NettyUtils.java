package ai.djl.serving.util;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Signatures only. */
public final class NettyUtils {
    private NettyUtils() {}

    public static void sendHttpResponse(
            ChannelHandlerContext ctx, HttpResponse resp, boolean keepAlive) {
        throw new UnsupportedOperationException("stub");
    }

    public static void sendJsonResponse(
            ChannelHandlerContext ctx, Object obj, HttpResponseStatus status) {
        throw new UnsupportedOperationException("stub");
    }
}
