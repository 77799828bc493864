package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.serving.http.BadRequestException;
import ai.djl.serving.models.Endpoint;
import ai.djl.serving.models.ModelManager;
import ai.djl.serving.util.ConfigManager;
import ai.djl.serving.util.NettyUtils;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.workflow.Workflow;
import io.hfx.plugin.service.ModelService;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The management requests of token-level models: scale, describe, ping. Paths and answers are the
 * server's; the work is done off its event loops. Thread-safe.
 */
final class ModelAdmin {
    private static final String MODELS = "/models/";
    private static final String PING = "/ping";
    private static final int MOST_WAITING = 256;

    private final HfxModels models;
    private final ExecutorService thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(MOST_WAITING),
                    task -> {
                        Thread made = new Thread(task, "hfx-admin");
                        made.setDaemon(true);
                        return made;
                    });

    ModelAdmin(HfxModels models) {
        this.models = models;
    }

    /** Whether a request is for a token-level model; looks at path and method only. */
    boolean accepts(FullHttpRequest request) {
        HttpMethod method = request.method();
        String uri = request.uri();
        if (models.names().isEmpty()) {
            return false;
        }
        if (method.equals(HttpMethod.GET) && uri.startsWith(PING)) {
            return path(uri).equals(PING) && isStarting();
        }
        if (!uri.startsWith(MODELS)
                || !(method.equals(HttpMethod.GET) || method.equals(HttpMethod.PUT))) {
            return false;
        }
        String[] segments = path(uri).split("/", -1);
        return (segments.length == 3 || segments.length == 4) && models.find(segments[2]) != null;
    }

    /** Empty where it is malformed: the server says so. */
    private static String path(String uri) {
        return HfxRoutes.decoded(HfxRoutes.withoutQuery(uri));
    }

    /**
     * Answers a request that was accepted.
     *
     * @return what the server is to send; null where it was sent or handed on
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the server waits for it
    @Nullable Object handle(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            QueryStringDecoder decoder,
            String[] segments) {
        if (!accepts(request)) { // gone meanwhile
            ctx.fireChannelRead(request.retain());
            return null;
        }
        if (segments.length == 2) {
            ping(ctx);
            return null;
        }
        String model = segments[2];
        String version = segments.length > 3 ? segments[3] : null;
        if (request.method().equals(HttpMethod.GET)) {
            return later(() -> CompletableFuture.completedFuture(describe(model, version)));
        }
        try {
            Scaling scaling = Scaling.read(decoder);
            return later(() -> scaling.apply(workersOf(model, version)));
        } catch (BadRequestException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private <T> CompletableFuture<T> later(Callable<CompletableFuture<T>> work) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            thread.execute(() -> run(work, answer));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(
                    new BadRequestException(429, "Too many management requests wait"));
        }
        return answer;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it only completes the answer
    private static <T> void run(Callable<CompletableFuture<T>> work, CompletableFuture<T> answer) {
        try {
            work.call()
                    .whenComplete(
                            (value, error) -> {
                                if (error == null) {
                                    answer.complete(value);
                                } else {
                                    answer.completeExceptionally(error);
                                }
                            });
        } catch (Exception | Error e) {
            answer.completeExceptionally(e);
        }
    }

    private static Object describe(String model, @Nullable String version)
            throws ModelNotFoundException {
        ModelManager manager = ModelManager.getInstance();
        Endpoint endpoint = manager.getEndpoints().get(model);
        if (endpoint != null) {
            each(endpoint, version).forEach(Scaling::prune);
        }
        return ModelDescription.of(
                manager.describeWorkflow(model, version),
                endpoint == null ? List.of() : each(endpoint, version));
    }

    private static List<WorkerPoolConfig<Input, Output>> workersOf(
            String model, @Nullable String version) throws ModelNotFoundException {
        Endpoint endpoint = ModelManager.getInstance().getEndpoints().get(model);
        List<WorkerPoolConfig<Input, Output>> found =
                endpoint == null ? List.of() : each(endpoint, version);
        if (found.isEmpty()) {
            throw new ModelNotFoundException("Model or workflow not found: " + model);
        }
        return found;
    }

    private static List<WorkerPoolConfig<Input, Output>> each(
            Endpoint endpoint, @Nullable String version) {
        return List.copyOf(endpoint.getWorkflows()).stream()
                .filter(w -> version == null || version.equals(w.getVersion()))
                .map(Workflow::getWpcs)
                .flatMap(wpcs -> wpcs.stream())
                .toList();
    }

    /** Whether a model has workers on their way and none that serves. */
    private boolean isStarting() {
        return models.names().stream().anyMatch(this::isStarting);
    }

    private boolean isStarting(String name) {
        ModelService service = models.find(name);
        return service != null && service.unavailable() == null && !service.status().serves();
    }

    /** As the server answers while a model loads: it counts one as loaded before it serves. */
    @SuppressWarnings("FutureReturnValueIgnored") // sends the answer
    private void ping(ChannelHandlerContext ctx) {
        ModelManager.getInstance()
                .workerStatus()
                .thenAccept(
                        all -> {
                            Map<String, Object> states = ModelDescription.states(all);
                            models.names().stream()
                                    .filter(this::isStarting)
                                    .forEach(n -> states.put(n, Map.of("status", "PENDING")));
                            NettyUtils.sendJsonResponse(ctx, states, status(all));
                        });
    }

    private static HttpResponseStatus status(Map<String, Object> all) {
        if (Boolean.TRUE.equals(all.get("hasFailure"))) {
            return HttpResponseStatus.INTERNAL_SERVER_ERROR;
        }
        return ConfigManager.getInstance().allowsMultiStatus()
                ? HttpResponseStatus.MULTI_STATUS
                : HttpResponseStatus.OK;
    }
}
