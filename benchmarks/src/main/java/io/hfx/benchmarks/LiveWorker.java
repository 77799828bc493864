package io.hfx.benchmarks;

import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.sampling.SamplingParams;
import io.hfx.engine.text.CheckpointTokenizer;
import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.live.LiveSettings;
import io.hfx.plugin.live.LoopLog;
import io.hfx.plugin.live.RestartLimits;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServedModel;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One live worker under policy {@code hfx}, and greedy requests to it that run to their length. */
final class LiveWorker {
    private LiveWorker() {}

    /**
     * Starts it.
     *
     * @param log hears of its steps
     * @param prefixes its prefix cache; null for none
     */
    static LiveModelService start(
            OrtModel model,
            CheckpointTokenizer tokenizer,
            OrtOptions options,
            LoopLog log,
            @Nullable PrefixStore prefixes) {
        LiveSettings settings =
                new LiveSettings(
                        Policies.named("hfx", LiveWorker.class.getClassLoader()),
                        PolicyConfig.DEFAULTS,
                        DispatcherLimits.DEFAULTS,
                        RestartLimits.DEFAULTS);
        return new LiveModelService(
                        new ServedModel("bench", tokenizer, null, options.maxSequenceTokens(), 0),
                        () -> new OrtExecutor(model, options),
                        1,
                        List.of(),
                        settings,
                        log,
                        prefixes)
                .start();
    }

    /**
     * Submits a request.
     *
     * @param scope of the prefix cache; null for none
     */
    static Turn submit(
            LiveModelService service,
            long id,
            int[] prompt,
            int outputTokens,
            SloClass sloClass,
            @Nullable String scope) {
        Turn turn = new Turn();
        service.submit(
                new GenerationRequest(
                        id,
                        List.of(prompt),
                        1,
                        SamplingParams.GREEDY,
                        GenerationRequest.NO_LOGPROBS,
                        outputTokens,
                        0,
                        true,
                        Set.of(),
                        sloClass,
                        RequestSpec.DEFAULT_PRIORITY,
                        turn.startNanos,
                        scope,
                        ""),
                turn);
        return turn;
    }
}
