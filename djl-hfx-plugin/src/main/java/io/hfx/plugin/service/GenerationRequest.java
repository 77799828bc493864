package io.hfx.plugin.service;

import io.hfx.engine.sampling.SamplingParams;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checked request on its way to a model. Sequence {@code p * choices + c} is choice {@code c} of
 * prompt {@code p}.
 *
 * @param id unique within the server's life
 * @param prompts token ids of each prompt, at least one, none empty; not copied
 * @param choices sequences per prompt, at least 1
 * @param sampling how tokens are chosen; a choice draws from its own stream of the seed
 * @param logprobs alternatives wanted with each token, from 0; {@link #NO_LOGPROBS} for none at all
 * @param maxTokens most output tokens of a sequence, at least 1; prompt and output fit the model
 * @param minTokens output tokens before which no end token is chosen, 0 to {@code maxTokens}
 * @param ignoreEos whether the end-of-sequence token does not end a sequence
 * @param stopTokenIds ids that end a sequence as the end-of-sequence token does
 * @param sloClass the class with the objectives that hold for this request
 * @param priority DJL's meaning: lower goes first; 3 where not stated
 * @param readAtNanos {@link System#nanoTime()} when the request had been read
 * @param cacheScope within which KV of prompts is kept and found; null to neither keep nor find any
 * @param tenant whose it is, at most {@value #MOST_TENANT_CHARS} characters; empty where unknown
 */
public record GenerationRequest(
        long id,
        List<int[]> prompts,
        int choices,
        SamplingParams sampling,
        int logprobs,
        int maxTokens,
        int minTokens,
        boolean ignoreEos,
        Set<Integer> stopTokenIds,
        SloClass sloClass,
        int priority,
        long readAtNanos,
        @Nullable String cacheScope,
        String tenant) {
    public static final int NO_LOGPROBS = -1;

    /** Most characters of a tenant's name. */
    public static final int MOST_TENANT_CHARS = 256;

    public GenerationRequest {
        prompts = List.copyOf(prompts);
        stopTokenIds = Set.copyOf(stopTokenIds);
    }

    /** A request of nobody in particular that has nothing to do with the prefix cache. */
    public GenerationRequest(
            long id,
            List<int[]> prompts,
            int choices,
            SamplingParams sampling,
            int logprobs,
            int maxTokens,
            int minTokens,
            boolean ignoreEos,
            Set<Integer> stopTokenIds,
            SloClass sloClass,
            int priority,
            long readAtNanos) {
        this(
                id,
                prompts,
                choices,
                sampling,
                logprobs,
                maxTokens,
                minTokens,
                ignoreEos,
                stopTokenIds,
                sloClass,
                priority,
                readAtNanos,
                null,
                "");
    }

    /** The same request within another scope of the prefix cache. */
    public GenerationRequest withCacheScope(@Nullable String scope) {
        return with(scope, tenant);
    }

    /** The same request of this tenant. */
    public GenerationRequest withTenant(String whose) {
        return with(cacheScope, whose);
    }

    private GenerationRequest with(@Nullable String scope, String whose) {
        return new GenerationRequest(
                id,
                prompts,
                choices,
                sampling,
                logprobs,
                maxTokens,
                minTokens,
                ignoreEos,
                stopTokenIds,
                sloClass,
                priority,
                readAtNanos,
                scope,
                whose);
    }

    public int sequences() {
        return prompts.size() * choices;
    }
}
