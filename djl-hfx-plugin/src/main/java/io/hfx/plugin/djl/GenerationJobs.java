package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.http.Gate;
import io.hfx.plugin.http.HttpHandler;
import io.hfx.plugin.openai.GenerationForm;
import io.hfx.plugin.openai.OpenAiApi;
import io.hfx.plugin.service.ModelService;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs as generation requests: the same parsing, limits, objectives and answers as over HTTP, with
 * the server's own handlers in the place of a connection. Each job's answer is built on one of a
 * few threads, so that neither a worker nor an event loop waits for another request's text.
 */
final class GenerationJobs implements TokenLevelJobs, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationJobs.class);
    private static final String PATH = "/v1/completions";
    private static final String JSON = "application/json";

    private final OpenAiApi api;
    private final Gate gate;
    private final int streamBufferBytes;
    private final DefaultEventExecutorGroup threads;

    /**
     * @param gate asked with the headers that came with the job
     * @param streamBufferBytes of a stream that nobody reads yet, at which it is given up
     */
    GenerationJobs(OpenAiApi api, Gate gate, int streamBufferBytes, int threads) {
        this.api = api;
        this.gate = gate;
        this.streamBufferBytes = streamBufferBytes;
        this.threads =
                new DefaultEventExecutorGroup(threads, new DefaultThreadFactory("hfx-jobs", true));
    }

    @Override
    public CompletableFuture<Output> run(
            String model, @Nullable ModelService service, Input input) {
        HttpHeaders headers = headers(input);
        JobExchange exchange =
                new JobExchange(input, PATH, headers, threads.next(), streamBufferBytes);
        try {
            exchange.admit(
                    gate.admit(
                            new DefaultHttpRequest(
                                    HttpVersion.HTTP_1_1, HttpMethod.POST, PATH, headers)));
            generation(model, service).handle(exchange);
        } catch (ApiException e) {
            exchange.fail(e.error());
        } catch (RuntimeException e) {
            LOG.error("request {} failed", exchange.requestId(), e);
            exchange.fail(ApiError.server("The server had an error while handling the request"));
        }
        return exchange.output();
    }

    private HttpHandler generation(String model, @Nullable ModelService service) {
        return service == null
                ? api.generation(GenerationForm.EITHER, (asked, stated) -> model)
                : api.generation(GenerationForm.EITHER, model, service);
    }

    /** The properties; a later stage of a workflow has none, and its data is JSON. */
    private static HttpHeaders headers(Input input) {
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        input.getProperties().forEach(headers::add);
        if (!headers.contains(HttpHeaderNames.CONTENT_TYPE)) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, JSON);
        }
        return headers;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for it
    public void close() {
        threads.shutdownGracefully();
    }
}
