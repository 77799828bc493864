package io.hfx.plugin.http;

import io.hfx.plugin.config.HttpLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one connection's requests, one at a time and in their order: pipelined requests wait for
 * the answer before them, a few at most. A refusal waits likewise, and is the last answer.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
final class ConnectionHandler extends SimpleChannelInboundHandler<Inbound> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);
    private static final int PIPELINED = 8;

    private final HttpServer server;
    private final HttpLimits limits;
    private final ReadDeadline deadline;
    private final RequestReader reader;
    private final Deque<Inbound.Whole> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean answering;
    private boolean cut;
    private @Nullable ApiError lastWord;

    ConnectionHandler(
            HttpServer server, HttpLimits limits, ReadDeadline deadline, RequestReader reader) {
        this.server = server;
        this.limits = limits;
        this.deadline = deadline;
        this.reader = reader;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Inbound message) {
        deadline.requestRead();
        if (message instanceof Inbound.Refused refused) {
            lastWord = refused.error();
            if (!answering) {
                sayLastWord(ctx.channel(), refused.error());
            }
        } else if (message instanceof Inbound.Whole request) {
            accept(ctx.channel(), request);
        }
    }

    private void accept(Channel channel, Inbound.Whole request) {
        if (!answering) {
            answer(channel, request);
        } else if (!cut
                && waiting.size() < PIPELINED
                && waitingBytes + request.body().length <= limits.bodyBytes()) {
            waiting.add(request);
            waitingBytes += request.body().length;
        } else {
            server.budget().give(request.body().length);
            cutOff(channel);
        }
    }

    private void cutOff(Channel channel) {
        if (!cut) {
            cut = true;
            server.cut(Cut.PIPELINE_FULL);
            channel.close();
        }
    }

    private void answer(Channel channel, Inbound.Whole request) {
        answering = true;
        HttpExchange exchange =
                new NettyExchange(
                        channel,
                        request.head(),
                        request.body(),
                        request.caller(),
                        request.readAtNanos(),
                        new Host(channel));
        if (server.draining()) {
            exchange.closeAfter();
        }
        server.front().router().dispatch(exchange);
    }

    private void next(Channel channel) {
        answering = false;
        if (!channel.isActive()) {
            return;
        }
        Inbound.Whole request = waiting.poll();
        if (request != null) {
            waitingBytes -= request.body().length;
            answer(channel, request);
        } else if (lastWord != null) {
            sayLastWord(channel, lastWord);
        } else if (server.draining()) {
            channel.close();
        } else {
            deadline.answered(reader.begun());
        }
    }

    private static void sayLastWord(Channel channel, ApiError error) {
        ErrorResponse.sendAndClose(channel, error);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        waiting.forEach(request -> server.budget().give(request.body().length));
        waiting.clear();
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == HttpServer.DRAIN && !answering) {
            ctx.close();
        }
    }

    /** The messages of TLS failures quote what the client sent, which may hold a key. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (isTls(cause)) {
            LOG.debug("connection without TLS: {}", cause.getClass().getSimpleName());
            server.cut(Cut.TLS_FAILED);
        } else if (cause instanceof IOException) {
            LOG.debug("connection ended: {}", cause.toString());
        } else {
            LOG.warn("connection failed", cause);
        }
        ctx.close();
    }

    private static boolean isTls(Throwable cause) {
        Throwable root = cause instanceof DecoderException ? cause.getCause() : cause;
        return root instanceof SSLException
                || root instanceof NotSslRecordException
                || root instanceof SslHandshakeTimeoutException;
    }

    private final class Host implements NettyExchange.Host {
        private final Channel channel;

        Host(Channel channel) {
            this.channel = channel;
        }

        @Override
        public int streamBufferBytes() {
            return limits.streamBufferBytes();
        }

        @Override
        public void cut(Cut why) {
            server.cut(why);
        }

        @Override
        public void answered() {
            next(channel);
        }

        @Override
        public void bodyReleased(int bytes) {
            server.budget().give(bytes);
        }
    }
}
