package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.BytesSupplier;
import ai.djl.serving.wlm.util.WlmShutdownException;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.openai.PlainGeneration;
import io.hfx.plugin.openai.SloResolver;
import io.hfx.plugin.service.ModelDirectory;
import io.hfx.plugin.service.ModelService;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jobs whose answer comes whole, without streaming. */
final class PlainJobs implements TokenLevelJobs {
    private static final Logger LOG = LoggerFactory.getLogger(PlainJobs.class);

    private final ModelDirectory models;
    private final PlainGeneration generation;

    PlainJobs(ModelDirectory models, PlainGeneration generation) {
        this.models = models;
        this.generation = generation;
    }

    /** With the bounds of the standalone server. */
    static PlainJobs of(ModelDirectory models, SloResolver slos) {
        RequestLimits limits = RequestLimits.DEFAULTS;
        ThreadPoolExecutor parsers =
                new ThreadPoolExecutor(
                        limits.parserThreads(),
                        limits.parserThreads(),
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(limits.parserQueue()),
                        new DefaultThreadFactory("hfx-jobs", true));
        return new PlainJobs(models, new PlainGeneration(limits, slos, parsers));
    }

    @Override
    public CompletableFuture<Output> run(String model, Input input) {
        ModelService service = models.find(model);
        if (service == null) {
            String message = "Model " + model + " is not served";
            return CompletableFuture.completedFuture(
                    Refusals.output(404, "ModelNotFoundException", message, "unregistered"));
        }
        try {
            BytesSupplier data = input.getData();
            byte[] body = data == null ? new byte[0] : data.getAsBytes();
            return generation
                    .run(service, body, name -> header(input, name))
                    .handle((json, error) -> error == null ? ok(json) : output(error));
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(output(e));
        }
    }

    private static List<String> header(Input input, String name) {
        String value = input.getProperty(name, null);
        return value == null ? List.of() : List.of(value);
    }

    private static Output ok(String json) {
        Output output = new Output(200, "OK");
        output.addProperty("Content-Type", "application/json");
        output.add(json);
        return output;
    }

    /** A refusal is never 5xx: those count for the server's error rate. */
    private static Output output(Throwable thrown) {
        Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
        if (!(cause instanceof ApiException api)) {
            LOG.error("a generation failed", cause);
            return Refusals.output(
                    500, "InternalServerException", "The generation failed", "failed");
        }
        ApiError error = api.error();
        String reason = error.reason() == null ? "refused" : error.reason();
        if (reason.equals(LiveModelService.NO_WORKER)) {
            throw new CompletionException(new WlmShutdownException(error.message()));
        }
        Output output = Refusals.output(status(error), "HfxException", error.message(), reason);
        if (error.retryAfterSeconds() > 0) {
            output.addProperty("Retry-After", Long.toString(error.retryAfterSeconds()));
        }
        return output;
    }

    private static int status(ApiError error) {
        if (HfxModel.UNREGISTERED.equals(error.reason())) {
            return 404;
        }
        return error.status() == 503 ? 429 : error.status();
    }
}
