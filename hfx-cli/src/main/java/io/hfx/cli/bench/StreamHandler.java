package io.hfx.cli.bench;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;

/** Feeds one response into its exchange. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: failures reach the handlers
final class StreamHandler extends SimpleChannelInboundHandler<HttpObject> {
    /** Told once how the exchange ended. */
    interface Listener {
        /** More of the body has come. */
        void body(Exchange exchange);

        void ended(Exchange exchange, RequestRecord record);
    }

    private final Exchange exchange;
    private final long startNanos;
    private final Listener listener;
    private boolean ended;

    /**
     * @param startNanos the start of the run on {@link System#nanoTime}
     */
    StreamHandler(Exchange exchange, long startNanos, Listener listener) {
        this.exchange = exchange;
        this.startNanos = startNanos;
        this.listener = listener;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            broken(context, "not HTTP: " + message.decoderResult().cause());
            return;
        }
        if (message instanceof HttpResponse head) {
            exchange.onHead(head);
        }
        if (message instanceof HttpContent body) {
            exchange.onBody(body.content(), System.nanoTime() - startNanos);
            if (!ended && !(message instanceof LastHttpContent)) {
                listener.body(exchange);
            }
        }
        if (message instanceof LastHttpContent && !ended) {
            ended = true;
            listener.ended(exchange, exchange.ended());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        broken(context, "connection closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        broken(context, String.valueOf(cause.getMessage()));
    }

    private void broken(ChannelHandlerContext context, String why) {
        if (!ended) {
            ended = true;
            listener.ended(exchange, exchange.broken(why));
        }
        context.close();
    }
}
