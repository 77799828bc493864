package ai.djl.serving.util;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;

/** Signatures only. */
public final class NettyUtils {
    private NettyUtils() {}

    public static void sendHttpResponse(
            ChannelHandlerContext ctx, HttpResponse resp, boolean keepAlive) {
        throw new UnsupportedOperationException("stub");
    }
}
