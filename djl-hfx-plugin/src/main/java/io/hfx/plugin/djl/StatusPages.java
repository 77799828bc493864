package io.hfx.plugin.djl;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.serving.util.NettyUtils;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.http.Gate;
import io.hfx.plugin.http.Router;
import io.hfx.plugin.metrics.Meters;
import io.hfx.plugin.trace.RequestTrace;
import io.hfx.plugin.trace.TraceJson;
import io.hfx.plugin.weights.WeightStatus;
import io.hfx.plugin.weights.WeightsJson;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /metrics}, {@code /hfx/status}, {@code /hfx/weights} and {@code /hfx/requests/{id}} on
 * the server's own management address. Written on a thread of its own, as a scrape takes
 * milliseconds. Thread-safe.
 */
final class StatusPages {
    private static final Logger LOG = LoggerFactory.getLogger(StatusPages.class);
    private static final String METRICS = "/metrics";
    private static final String STATUS = "/hfx/status";
    private static final String WEIGHTS = "/hfx/weights";
    private static final String REQUESTS = "/hfx/requests/";
    private static final String JSON = "application/json";
    private static final int MOST_WAITING = 16;

    private final ServerWatch server;
    private final Gate gate;
    private final ThreadPoolExecutor writer =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(MOST_WAITING),
                    this::thread);

    /** What a page says. */
    private record Page(int status, HttpHeaders headers, byte[] content) {}

    /**
     * @param gate decides who may see the pages; asked by one thread, and may block
     */
    StatusPages(ServerWatch server, Gate gate) {
        this.server = server;
        this.gate = gate;
    }

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task, "hfx-status");
        thread.setDaemon(true);
        return thread;
    }

    /** Whether a request is for one of the pages, by method and path. */
    boolean accepts(HttpRequest request) {
        String uri = request.uri();
        String path = HfxRoutes.withoutQuery(uri);
        boolean ours =
                uri.startsWith(REQUESTS)
                        || path.equals(METRICS)
                        || path.equals(STATUS)
                        || path.equals(WEIGHTS);
        return ours
                && (request.method().equals(HttpMethod.GET)
                        || request.method().equals(HttpMethod.HEAD));
    }

    /** Answers a request that is accepted. On its event loop. */
    void answer(ChannelHandlerContext ctx, HttpRequest request) {
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        try {
            writer.execute(() -> send(ctx, page(request), keepAlive));
        } catch (RejectedExecutionException e) {
            send(ctx, page(ApiError.refused(503, "busy", "Too many ask", 1)), keepAlive);
        }
    }

    private Page page(HttpRequest request) {
        try {
            gate.admit(request);
            String path = Router.path(request.uri());
            if (path.equals(METRICS)) {
                return metrics();
            }
            if (path.equals(WEIGHTS)) {
                return json(WeightsJson.of(weights()));
            }
            return path.equals(STATUS)
                    ? json(StatusJson.of(server))
                    : request(path.substring(REQUESTS.length()));
        } catch (ApiException e) {
            return page(e.error());
        } catch (RuntimeException | Error e) {
            LOG.error("{} could not be written", request.uri(), e);
            return page(ApiError.server("The page could not be written"));
        }
    }

    private Map<String, WeightStatus> weights() {
        Map<String, WeightStatus> models = new LinkedHashMap<>();
        for (String name : server.tokenLevel().names()) {
            WeightStatus status = server.tokenLevel().weights(name);
            if (status != null) {
                models.put(name, status);
            }
        }
        return models;
    }

    private Page metrics() {
        String text = server.meters().scrape();
        return text == null
                ? page(ApiError.server("The server's Prometheus library does not fit"))
                : new Page(200, typed(Meters.CONTENT_TYPE), text.getBytes(UTF_8));
    }

    private Page request(String id) {
        List<RequestTrace> traces = server.find(id);
        return traces.isEmpty()
                ? page(
                        ApiError.invalid(
                                404, null, "unknown_request", "Nothing is kept of this request"))
                : json(TraceJson.of(traces));
    }

    private static Page json(String json) {
        return new Page(200, typed(JSON), json.getBytes(UTF_8));
    }

    private static Page page(ApiError error) {
        HttpHeaders headers = error.headers().set(HttpHeaderNames.CONTENT_TYPE, JSON);
        return new Page(error.status(), headers, error.json().getBytes(UTF_8));
    }

    private static HttpHeaders typed(String contentType) {
        return new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }

    private static void send(ChannelHandlerContext ctx, Page page, boolean keepAlive) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(page.status),
                        Unpooled.wrappedBuffer(page.content));
        response.headers().set(page.headers);
        NettyUtils.sendHttpResponse(ctx, response, keepAlive);
    }
}
