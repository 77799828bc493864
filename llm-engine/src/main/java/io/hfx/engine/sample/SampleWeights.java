package io.hfx.engine.sample;

import io.hfx.engine.checkpoint.TensorSpec;

/**
 * Seeded weights of a model that has learnt nothing but whose output hangs on its whole context.
 *
 * <p>Matrices are about normal; their deviation is a gain over the square root of the input's
 * width. The gains make attention scores spread by about {@code QUERY_KEY * QUERY_KEY}, so that a
 * query looks at a handful of positions, and make what attention adds as large as what is there.
 * With the usual deviation of 0.02 the scores are all but equal, attention adds next to nothing,
 * and the output is a function of the last token alone.
 */
final class SampleWeights {
    private static final double QUERY_KEY = 1.5;
    private static final double VALUE = 1;
    private static final double ATTENTION_OUT = 2;
    private static final double GATE_UP = 1.5;
    private static final double DOWN = 0.8;

    /** Deviation of the logits. */
    private static final double HEAD = 4;

    /** So large that one left out shows, and no larger than what depends on the context. */
    private static final double BIAS = 0.25;

    /**
     * Deviation of an embedding that is the head too: small beside what the layers add, as else the
     * last token would be the next one for ever.
     */
    private static final double TIED_EMBEDDING = 0.15;

    /** Norms are near 1, but not equal, so that one left out shows. */
    private static final double NORM_SPREAD = 0.1;

    /** Factor on head rows of tokens that would spoil the text: raw bytes, begin, turn start. */
    private static final double UNWANTED = 0.4;

    private final SampleTokenizer tokenizer;
    private final boolean tied;
    private final long seed;

    SampleWeights(SampleTokenizer tokenizer, boolean tied, long seed) {
        this.tokenizer = tokenizer;
        this.tied = tied;
        this.seed = seed;
    }

    /** Writes elements {@code [from, from + out.length)} of a tensor as BF16. */
    void fill(TensorSpec spec, int stream, long from, short[] out) {
        CounterRandom random = CounterRandom.of(seed, stream);
        boolean vector = spec.shape().size() == 1;
        boolean bias = spec.name().endsWith(".bias");
        boolean head = spec.name().equals(TensorSpec.HEAD);
        long width = spec.shape().get(spec.shape().size() - 1);
        double deviation = bias ? BIAS : vector ? NORM_SPREAD : gain(spec.name(), width);
        double mean = vector && !bias ? norm(spec.name()) : 0;
        for (int i = 0; i < out.length; i++) {
            long index = from + i;
            double factor = head ? rowFactor((int) (index / width)) : 1;
            out[i] = bfloat16((float) (mean + factor * deviation * random.normal(index)));
        }
    }

    /** A norm of query or key has to make the scores that the projections make elsewhere. */
    private static double norm(String name) {
        return name.endsWith("q_norm.weight") || name.endsWith("k_norm.weight") ? QUERY_KEY : 1;
    }

    private double gain(String name, long width) {
        if (name.equals(TensorSpec.EMBEDDING)) {
            return tied ? TIED_EMBEDDING : 1;
        }
        double gain =
                switch (name.substring(name.lastIndexOf('.', name.length() - 8) + 1)) {
                    case "q_proj.weight", "k_proj.weight" -> QUERY_KEY;
                    case "v_proj.weight" -> VALUE;
                    case "o_proj.weight" -> ATTENTION_OUT;
                    case "gate_proj.weight", "up_proj.weight" -> GATE_UP;
                    case "down_proj.weight" -> DOWN;
                    case TensorSpec.HEAD -> HEAD;
                    default -> throw new IllegalArgumentException("no gain for " + name);
                };
        return gain / StrictMath.sqrt((double) width);
    }

    private double rowFactor(int id) {
        boolean unwanted =
                tokenizer.rawByte(id)
                        || id == tokenizer.id("<|begin_of_text|>")
                        || id == tokenizer.id("<|im_start|>");
        return unwanted ? UNWANTED : 1;
    }

    /** Rounds to the nearest BF16, ties to even. */
    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
}
