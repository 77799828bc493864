package io.hfx.scheduler.slo;

/** How TPOT is judged; the literature uses all three, and they rank systems differently. */
public enum ScoringMode {
    /** Mean time per output token after the first (the primary mode). */
    MEAN,
    /** The 99th percentile of the inter-token latencies of the sequence. */
    TAIL,
    /**
     * Every token has its own deadline: token i (from 1) is due TTFT + (i-1) x TPOT after the
     * request was read. Without a TTFT objective the actual first token is the start. (PolyServe,
     * arXiv 2507.17769.)
     */
    CUMULATIVE
}
