package io.hfx.engine.jinja.value;

/** What one rendering may still spend, so that no template runs or grows without end. */
public final class Budget {
    private static final int MAX_STEPS = 5_000_000;
    private static final int MAX_CHARS = 32 << 20;

    private int steps = MAX_STEPS;
    private int chars = MAX_CHARS;

    /**
     * Spends steps: one for each node evaluated and each element made.
     *
     * @throws EvaluationException if none are left
     */
    public void steps(long count) {
        if (count > steps) {
            throw new EvaluationException("the template needs more than " + MAX_STEPS + " steps");
        }
        steps -= (int) count;
    }

    /**
     * Spends characters: of the output and of every text that is made on the way.
     *
     * @throws EvaluationException if none are left
     */
    public void chars(long count) {
        if (count > chars) {
            throw new EvaluationException(
                    "the template makes more than " + MAX_CHARS + " characters");
        }
        chars -= (int) count;
    }
}
