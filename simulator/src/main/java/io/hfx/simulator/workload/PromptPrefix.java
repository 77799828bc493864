package io.hfx.simulator.workload;

import java.util.List;

/**
 * What a prompt begins with, as far as a trace tells: an id for each run of tokens. Two prompts
 * begin alike as far as their ids are the same; what lies behind them is a request's own.
 *
 * @param runs an id for each run, each standing for its tokens and all before them; empty where
 *     nobody says
 * @param runTokens tokens of a run, at least 1
 */
public record PromptPrefix(List<Long> runs, int runTokens) {
    /** Of a prompt of which nobody knows anything. */
    public static final PromptPrefix NONE = new PromptPrefix(List.of(), 1);

    public PromptPrefix {
        runs = List.copyOf(runs);
        if (runTokens < 1) {
            throw new IllegalArgumentException("runTokens must be at least 1, was " + runTokens);
        }
    }

    /** Whether the token at a position belongs to a run. */
    public boolean covers(int position) {
        return position / runTokens < runs.size();
    }

    /** Id of the run that a {@linkplain #covers covered} position belongs to. */
    public long run(int position) {
        return runs.get(position / runTokens);
    }

    /** The same runs, each this much longer or shorter, and of a token at least. */
    PromptPrefix scaled(double factor) {
        double tokens = Math.min(Integer.MAX_VALUE, Math.rint(runTokens * factor));
        return new PromptPrefix(runs, (int) Math.max(1, tokens));
    }
}
