package io.hfx.plugin.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An exchange on a Netty connection, whose event loop owns the answer: of our own listener, or of
 * another server's pipeline that ends in an HTTP codec.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: a failed write closes the channel
public final class NettyExchange implements HttpExchange {
    private final Channel channel;
    private final String method;
    private final String uri;
    private final HttpVersion version;
    private final HttpHeaders headers;
    private final AtomicReference<byte @Nullable []> body;
    private final Caller caller;
    private final String requestId;
    private final long readAtNanos;
    private final Host host;
    private final HttpHeaders extra = new DefaultHttpHeaders();
    private final ChannelFutureListener closed = future -> disconnected();

    private boolean keepAlive;
    private boolean answered;
    private boolean done;
    private boolean gone;
    private @Nullable Runnable onDisconnect;

    /** What the connection gives to its exchanges. */
    public interface Host {
        /** Unread bytes at which a streamed answer is cut off. */
        int streamBufferBytes();

        /** Hears of a streamed answer that was cut off. */
        void cut(Cut why);

        /** The answer is complete and the connection stays. On the event loop. */
        void answered();

        /** The server no longer holds the bytes of a body. Any thread. */
        void bodyReleased(int bytes);
    }

    /**
     * @param head of the request; not changed afterwards
     * @param body handed over
     * @param readAtNanos {@link System#nanoTime()} when its last byte was read
     */
    public NettyExchange(
            Channel channel,
            HttpRequest head,
            byte[] body,
            Caller caller,
            long readAtNanos,
            Host host) {
        this.channel = channel;
        this.method = head.method().name();
        this.uri = head.uri();
        this.version = head.protocolVersion();
        this.headers = head.headers();
        this.body = new AtomicReference<>(body);
        this.caller = caller;
        this.requestId = RequestIds.of(headers.get("x-request-id"));
        this.readAtNanos = readAtNanos;
        this.host = host;
        this.keepAlive = HttpUtil.isKeepAlive(head);
        channel.closeFuture().addListener(closed);
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String uri() {
        return uri;
    }

    @Override
    public HttpHeaders headers() {
        return headers;
    }

    @Override
    public byte[] takeBody() {
        byte[] taken = body.getAndSet(null);
        if (taken == null) {
            return new byte[0];
        }
        host.bodyReleased(taken.length);
        return taken;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public long readAtNanos() {
        return readAtNanos;
    }

    @Override
    public void run(Runnable task) {
        if (channel.eventLoop().inEventLoop()) {
            task.run();
        } else {
            channel.eventLoop().execute(task);
        }
    }

    @Override
    public void header(String name, String value) {
        extra.set(name, value);
    }

    @Override
    public void closeAfter() {
        keepAlive = false;
    }

    @Override
    public void onDisconnect(Runnable task) {
        if (gone || !channel.isActive()) {
            disconnected();
            task.run();
        } else if (!done) {
            onDisconnect = task;
        }
    }

    @Override
    public void json(int status, String json) {
        respond(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void respond(int status, String contentType, byte[] content) {
        run(() -> write(status, contentType, content, new DefaultHttpHeaders()));
    }

    @Override
    public void noContent() {
        run(this::writeNoContent);
    }

    private void writeNoContent() {
        if (answered || done) {
            return;
        }
        answered = true;
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT);
        common(response);
        finish(channel.writeAndFlush(response));
    }

    @Override
    public void fail(ApiError error) {
        run(() -> write(error.status(), "application/json", error.body(), error.headers()));
    }

    private void write(int status, String contentType, byte[] content, HttpHeaders more) {
        if (answered || done) {
            return;
        }
        answered = true;
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(status),
                        method.equals(HttpMethod.HEAD.name())
                                ? Unpooled.EMPTY_BUFFER
                                : Unpooled.wrappedBuffer(content));
        common(response);
        response.headers()
                .add(more)
                .set(HttpHeaderNames.CONTENT_TYPE, contentType)
                .set(HttpHeaderNames.CONTENT_LENGTH, content.length);
        finish(channel.writeAndFlush(response));
    }

    @Override
    public EventStream stream() {
        if (answered) {
            throw new IllegalStateException("request " + requestId + " is answered already");
        }
        answered = true;
        HttpResponse response =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        if (version.equals(HttpVersion.HTTP_1_0)) {
            keepAlive = false;
        } else {
            response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        common(response);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                .set("x-accel-buffering", "no");
        channel.write(response);
        return new NettyEventStream(channel, host.streamBufferBytes(), host::cut, this::finish);
    }

    private void common(HttpResponse response) {
        response.headers().set("x-request-id", requestId).add(extra);
        HttpUtil.setKeepAlive(response.headers(), version, keepAlive);
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private void finish(ChannelFuture written) {
        if (done) {
            return;
        }
        done = true;
        takeBody();
        onDisconnect = null;
        channel.closeFuture().removeListener(closed);
        if (keepAlive) {
            written.addListener(future -> host.answered());
        } else {
            Lingering.closeAfter(written);
        }
    }

    private void disconnected() {
        if (done) {
            return;
        }
        done = true;
        gone = true;
        takeBody();
        if (onDisconnect != null) {
            onDisconnect.run();
        }
    }
}
