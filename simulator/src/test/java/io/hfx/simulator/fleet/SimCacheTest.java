package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hfx.engine.executor.KvBlock;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.workload.PromptPrefix;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs of 128 tokens, two blocks each. */
class SimCacheTest {
    private static SimRequest request(long id, int promptTokens, String tenant, Long... runs) {
        RequestSpec spec =
                new RequestSpec(id, SloClass.BEST_EFFORT, 3, List.of(promptTokens), 1, 10)
                        .withTenant(tenant);
        return new SimRequest(0, spec, 10).beginning(new PromptPrefix(List.of(runs), 128));
    }

    private static SimCache cache(int tokens) {
        SimCache cache = SimCache.of(tokens);
        assertNotNull(cache);
        return cache;
    }

    /** Puts the whole blocks of a prompt in. */
    private static void compute(SimCache cache, SimRequest request) {
        SimCache.Writer writer = new SimCache.Writer(request, 0);
        for (int i = 0; i < request.spec().promptTokens(0) / 64; i++) {
            cache.store().put(cache.chain(request, 0), i, writer);
        }
    }

    private static int cached(SimCache cache, SimRequest request) {
        return cache.looked(request).cachedTokens(0);
    }

    @Test
    void noTokensAreNoCache() {
        assertNull(SimCache.of(0));
    }

    @Test
    void promptsThatBeginWithTheSameRunsShareTheseAndNoMore() {
        SimCache cache = cache(10_000);
        compute(cache, request(1, 500, "", 7L, 8L, 9L));

        assertEquals(384, cached(cache, request(2, 500, "", 7L, 8L, 9L)), "the tail is its own");
        assertEquals(256, cached(cache, request(3, 500, "", 7L, 8L, 5L)));
        assertEquals(0, cached(cache, request(4, 500, "", 5L, 8L, 9L)), "it begins otherwise");
        assertEquals(0, cached(cache, request(5, 500, "")));
        assertEquals(448, cached(cache, request(1, 500, "", 7L, 8L, 9L)), "all that is whole");
    }

    @Test
    void neverThePromptsLastToken() {
        SimCache cache = cache(10_000);
        compute(cache, request(1, 500, "", 7L, 8L, 9L));

        assertEquals(64, cached(cache, request(2, 128, "", 7L)));
        assertEquals(128, cached(cache, request(3, 129, "", 7L, 8L)));
        assertEquals(0, cached(cache, request(4, 64, "", 7L)));
    }

    @Test
    void tenantsDoNotShare() {
        SimCache cache = cache(10_000);
        compute(cache, request(1, 500, "a", 7L, 8L, 9L));

        assertEquals(0, cached(cache, request(2, 500, "b", 7L, 8L, 9L)));
        assertEquals(384, cached(cache, request(3, 500, "a", 7L, 8L, 9L)));
    }

    /** Room for four blocks: the end of what was used longest ago goes first. */
    @Test
    void itIsBoundedAndForgetsWhatWasUsedLongestAgo() {
        SimCache cache = cache(4 * 64);
        compute(cache, request(1, 129, "", 1L));
        compute(cache, request(2, 129, "", 2L));
        compute(cache, request(3, 65, "", 1L)); // used again
        compute(cache, request(4, 65, "", 3L));

        assertEquals(4 * 64, 64 * cache.store().stats().blocks());
        assertEquals(1, cache.store().stats().evictedBlocks());
        assertEquals(64, cached(cache, request(5, 129, "", 3L)));
        int left = cached(cache, request(6, 129, "", 1L)) + cached(cache, request(7, 129, "", 2L));
        assertEquals(3 * 64, left);
    }

    @Test
    void anothersKvIsFound() {
        SimRequest first = request(1, 500, "", 7L, 8L);
        KvBlock block = new SimCache.Writer(first, 0).allocate(64).at(128);
        new SimCache.Writer(first, 0).write(block);

        SimCache.check(block, request(2, 300, "", 7L, 8L), 0);
        assertThrows(
                IllegalStateException.class,
                () -> SimCache.check(block, request(2, 300, "", 7L, 9L), 0));
    }

    @Test
    void tokensAreEqualWhereRunsAre() {
        int[] one = new SimTokens(request(1, 256, "", 7L), 0).tokens(0, 300);
        int[] two = new SimTokens(request(2, 256, "", 7L), 0).tokens(0, 300);

        assertEquals(128, Arrays.mismatch(one, two));
        assertEquals(300, Arrays.stream(one).distinct().count(), "none twice");
    }
}
