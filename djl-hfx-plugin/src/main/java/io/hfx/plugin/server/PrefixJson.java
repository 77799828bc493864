package io.hfx.plugin.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.prefix.PrefixStats;

/** Writes the prefix cache into a status page. */
public final class PrefixJson {
    private PrefixJson() {}

    /**
     * Adds its figures.
     *
     * @param node of the model
     */
    public static void put(ObjectNode node, PrefixStats stats) {
        ObjectNode cache = node.putObject("prefix_cache");
        cache.put("limit_bytes", stats.capacityBytes())
                .put("bytes", stats.bytes())
                .put("blocks", stats.blocks())
                .put("pinned_blocks", stats.pinnedBlocks())
                .put("asked_tokens", stats.askedTokens())
                .put("hit_tokens", stats.hitTokens())
                .put("evicted_blocks", stats.evictedBlocks());
    }
}
