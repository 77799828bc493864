package io.hfx.plugin.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;

/** Collects a request's body up to the limit; a larger one is answered 413. */
final class BodyAggregator extends HttpObjectAggregator {
    BodyAggregator(int bodyBytes) {
        super(bodyBytes, true);
    }

    /** Says "continue" only to a body that fits. */
    @Override
    protected Object newContinueResponse(
            HttpMessage start, int maxContentLength, ChannelPipeline pipeline) {
        boolean tooLarge = HttpUtil.getContentLength(start, -1L) > maxContentLength;
        return HttpUtil.is100ContinueExpected(start) && tooLarge
                ? ErrorResponse.of(tooLarge())
                : super.newContinueResponse(start, maxContentLength, pipeline);
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
        ErrorResponse.sendAndClose(ctx.channel(), tooLarge());
    }

    private ApiError tooLarge() {
        return ApiError.invalid(
                413,
                null,
                "request_too_large",
                "The body must be at most " + maxContentLength() + " bytes");
    }
}
