package io.hfx.simulator.workload;

/**
 * One request of a workload.
 *
 * @param atNanos when it arrives, in nanoseconds from the start of the workload, at least 0
 * @param sloClass name of its SLO class
 * @param promptTokens tokens of its prompt, at least 1
 * @param outputTokens tokens it generates, at least 1
 * @param tenant whose it is; empty where nobody says
 * @param prefix what its prompt begins with
 */
public record Arrival(
        long atNanos,
        String sloClass,
        int promptTokens,
        int outputTokens,
        String tenant,
        PromptPrefix prefix) {
    public Arrival {
        if (atNanos < 0) {
            throw new IllegalArgumentException("atNanos must be at least 0, was " + atNanos);
        }
        if (promptTokens < 1 || outputTokens < 1) {
            throw new IllegalArgumentException(
                    "promptTokens and outputTokens must be at least 1, were "
                            + promptTokens
                            + " and "
                            + outputTokens);
        }
    }

    /** A request with a prompt like no other. */
    public Arrival(
            long atNanos, String sloClass, int promptTokens, int outputTokens, String tenant) {
        this(atNanos, sloClass, promptTokens, outputTokens, tenant, PromptPrefix.NONE);
    }

    /** A request of nobody in particular, with a prompt like no other. */
    public Arrival(long atNanos, String sloClass, int promptTokens, int outputTokens) {
        this(atNanos, sloClass, promptTokens, outputTokens, "");
    }

    /** Prompt and output together. */
    public long totalTokens() {
        return (long) promptTokens + outputTokens;
    }

    /** The same request at another time. */
    public Arrival at(long nanos) {
        return new Arrival(nanos, sloClass, promptTokens, outputTokens, tenant, prefix);
    }

    /** The same request in another SLO class. */
    public Arrival in(String otherClass) {
        return new Arrival(atNanos, otherClass, promptTokens, outputTokens, tenant, prefix);
    }

    Arrival sized(int prompt, int output) {
        return new Arrival(atNanos, sloClass, prompt, output, tenant, prefix);
    }

    Arrival beginning(PromptPrefix other) {
        return new Arrival(atNanos, sloClass, promptTokens, outputTokens, tenant, other);
    }

    Arrival of(String otherTenant) {
        return new Arrival(atNanos, sloClass, promptTokens, outputTokens, otherTenant, prefix);
    }
}
