package io.hfx.engine.sampling;

/**
 * How likely the model held a chosen token, and the likeliest ones beside it: natural logarithms of
 * probabilities of the model's own distribution, before penalties, bias, temperature and filters.
 *
 * @param chosen of the token that was chosen
 * @param topIds the most likely tokens, the likeliest first, the lower id first of equals; not
 *     copied
 * @param topLogprobs theirs, in the same order; not copied
 */
public record TokenLogprobs(float chosen, int[] topIds, float[] topLogprobs) {}
