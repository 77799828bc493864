package io.hfx.engine.prefix;

/** Gives token ids of one sequence, prompt and output together. */
@FunctionalInterface
public interface TokenSource {
    /**
     * The ids at {@code [from, from + count)}.
     *
     * @return {@code count} of them; not changed by the caller
     */
    int[] tokens(int from, int count);
}
