package ai.djl.serving.util;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Signatures only. */
public final class NettyUtils {
    private NettyUtils() {}

    public static void sendJsonResponse(
            ChannelHandlerContext ctx, Object obj, HttpResponseStatus status) {
        throw new UnsupportedOperationException("stub");
    }
}
