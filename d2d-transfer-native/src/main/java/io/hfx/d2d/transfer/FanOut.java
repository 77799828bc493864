package io.hfx.d2d.transfer;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** From whom each of several joiners gets one image. */
public enum FanOut {
    /** All from the seed, whose egress they share: n receivers take n times the time of one. */
    STAR,
    /**
     * Each from the one before it, which serves chunks on as it gets them: n receivers take the
     * time of one plus that of n - 1 chunks.
     */
    CHAIN;

    /** The faster of the two by those times; for one receiver they are the same. */
    public static FanOut choose(int receivers) {
        return receivers > 1 ? CHAIN : STAR;
    }

    /**
     * The seeds of one joiner, in the order to try them: in a chain the joiner before it, then
     * those before that, the seed itself last.
     *
     * @param receivers addresses at which the joiners serve on, in the order of the chain
     * @param index of the joiner among them
     */
    public List<InetSocketAddress> seedsOf(
            int index, InetSocketAddress seed, List<InetSocketAddress> receivers) {
        List<InetSocketAddress> seeds = new ArrayList<>();
        if (this == CHAIN) {
            for (int i = index - 1; i >= 0; i--) {
                seeds.add(receivers.get(i));
            }
        }
        seeds.add(seed);
        return List.copyOf(seeds);
    }
}
