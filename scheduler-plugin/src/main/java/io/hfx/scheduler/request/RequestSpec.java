package io.hfx.scheduler.request;

import io.hfx.scheduler.slo.SloClass;
import java.util.List;

/**
 * A request as the scheduler sees it: a group of sequences that is scored once. Sequence {@code p *
 * choices + c} is choice {@code c} of prompt {@code p}; the choices of one prompt share its
 * prefill.
 *
 * @param id unique within the fleet
 * @param sloClass class with the objectives that hold for this request
 * @param priority lower goes first (DJL's meaning); 3 is the default
 * @param promptTokens tokens of each prompt, at least 1 each
 * @param choices sequences per prompt, at least 1
 * @param maxTokens most output tokens of each sequence, at least 1
 * @param expectedTokens output tokens that a predictor expects of each sequence, up to {@code
 *     maxTokens}; 0 where nobody predicts
 * @param cachedTokens tokens from the start of each prompt whose KV a prefix cache has, less than
 *     the prompt's; empty where it has none. For the dispatcher a guess; a worker's loop makes it
 *     what the worker can take
 * @param tenant whose it is, for policies that share among tenants; empty where nobody says
 */
public record RequestSpec(
        long id,
        SloClass sloClass,
        int priority,
        List<Integer> promptTokens,
        int choices,
        int maxTokens,
        int expectedTokens,
        List<Integer> cachedTokens,
        String tenant) {
    public static final int DEFAULT_PRIORITY = 3;

    public RequestSpec {
        promptTokens = List.copyOf(promptTokens);
        cachedTokens = List.copyOf(cachedTokens);
        boolean filled = !promptTokens.isEmpty();
        for (int tokens : promptTokens) {
            filled &= tokens >= 1;
        }
        if (!filled) {
            throw new IllegalArgumentException("every prompt needs a token, was " + promptTokens);
        }
        if (choices < 1 || maxTokens < 1) {
            throw new IllegalArgumentException(
                    "choices and maxTokens must be at least 1, were " + choices + ", " + maxTokens);
        }
        if (expectedTokens < 0 || expectedTokens > maxTokens) {
            throw new IllegalArgumentException(
                    "expectedTokens must be 0 to " + maxTokens + ", was " + expectedTokens);
        }
        checkCached(promptTokens, cachedTokens);
    }

    private static void checkCached(List<Integer> promptTokens, List<Integer> cachedTokens) {
        boolean fits = cachedTokens.isEmpty() || cachedTokens.size() == promptTokens.size();
        for (int i = 0; fits && i < cachedTokens.size(); i++) {
            fits = cachedTokens.get(i) >= 0 && cachedTokens.get(i) < promptTokens.get(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "cachedTokens must be less than the prompts' "
                            + promptTokens
                            + ", were "
                            + cachedTokens);
        }
    }

    /** A request of nobody in particular, of which no cache has anything. */
    public RequestSpec(
            long id,
            SloClass sloClass,
            int priority,
            List<Integer> promptTokens,
            int choices,
            int maxTokens,
            int expectedTokens) {
        this(
                id,
                sloClass,
                priority,
                promptTokens,
                choices,
                maxTokens,
                expectedTokens,
                List.of(),
                "");
    }

    /** A request whose output nobody predicts. */
    public RequestSpec(
            long id,
            SloClass sloClass,
            int priority,
            List<Integer> promptTokens,
            int choices,
            int maxTokens) {
        this(id, sloClass, priority, promptTokens, choices, maxTokens, 0);
    }

    /** Output tokens of each sequence to plan with: the expected ones, or the most there can be. */
    public int plannedTokens() {
        return expectedTokens > 0 ? expectedTokens : maxTokens;
    }

    public int sequences() {
        return promptTokens.size() * choices;
    }

    /** Prompt tokens of one sequence. */
    public int promptTokens(int sequence) {
        return promptTokens.get(sequence / choices);
    }

    /** The same request where a cache has this much of its prompts. */
    public RequestSpec withCachedTokens(List<Integer> tokens) {
        return with(maxTokens, expectedTokens, tokens, tenant);
    }

    /** The same request of this tenant. */
    public RequestSpec withTenant(String whose) {
        return with(maxTokens, expectedTokens, cachedTokens, whose);
    }

    /** The same request allowed this much output, of which so much is expected; 0 for nothing. */
    public RequestSpec withOutput(int most, int expected) {
        return with(most, expected, cachedTokens, tenant);
    }

    private RequestSpec with(int most, int expected, List<Integer> cached, String whose) {
        return new RequestSpec(
                id, sloClass, priority, promptTokens, choices, most, expected, cached, whose);
    }

    /** Tokens from the start of one sequence's prompt that a cache has. */
    public int cachedTokens(int sequence) {
        return cachedTokens.isEmpty() ? 0 : cachedTokens.get(sequence / choices);
    }

    /** Tokens to be prefilled: those of all prompts, less what a cache has. */
    public int prefillTokens() {
        int total = totalPromptTokens();
        for (int tokens : cachedTokens) {
            total -= tokens;
        }
        return total;
    }

    /** Tokens to be prefilled of the prompt that has the most of them. */
    public int longestPrefillTokens() {
        int longest = 0;
        for (int i = 0; i < promptTokens.size(); i++) {
            longest = Math.max(longest, promptTokens.get(i) - cachedTokens(i * choices));
        }
        return longest;
    }

    /** Tokens of all prompts: each is prefilled once, whatever the number of choices. */
    public int totalPromptTokens() {
        int total = 0;
        for (int tokens : promptTokens) {
            total += tokens;
        }
        return total;
    }

    /** The longest prompt plus the longest output. */
    public int longestSequenceTokens() {
        int longest = 0;
        for (int tokens : promptTokens) {
            longest = Math.max(longest, tokens);
        }
        return longest + maxTokens;
    }
}
