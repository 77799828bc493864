package io.hfx.cli.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TokenClockTest {
    private final TokenClock clock = new TokenClock();

    @Test
    void aRoleAndAFinishReasonAreNoTokens() {
        at(1, "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}");
        at(5, "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}");
        at(7, "{\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":null}");
        at(8, "{\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}");
        at(9, "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}");

        assertArrayEquals(new long[] {5, 7}, clock.tokenNanos());
        assertEquals(false, clock.inferred());
    }

    @Test
    void moreTokensThanChunksAreSpreadEvenlyAndSaid() {
        at(10, "{\"choices\":[{\"text\":\"abc\"}]}");
        at(20, "{\"choices\":[{\"text\":\"de\"}]}");
        at(30, "{\"choices\":[],\"usage\":{\"completion_tokens\":5}}");

        assertArrayEquals(new long[] {10, 10, 10, 20, 20}, clock.tokenNanos());
        assertEquals(true, clock.inferred());
    }

    @Test
    void usageInEveryChunkSaysWhichCarriedHowMany() {
        at(10, "{\"choices\":[{\"text\":\"a\"}],\"usage\":{\"completion_tokens\":1}}");
        at(20, "{\"choices\":[{\"text\":\"bcd\"}],\"usage\":{\"completion_tokens\":4}}");
        at(30, "{\"choices\":[{\"text\":\"e\"}],\"usage\":{\"completion_tokens\":5}}");

        assertArrayEquals(new long[] {10, 20, 20, 20, 30}, clock.tokenNanos());
        assertEquals(false, clock.inferred());
    }

    @Test
    void chunksWithoutTextAreTokensAsFarAsUsageNeedsThem() {
        at(10, "{\"choices\":[{\"text\":\"\"}]}");
        at(20, "{\"choices\":[{\"text\":\"\u00fc\"}]}");
        at(30, "{\"choices\":[{\"text\":\"\"}]}");
        at(40, "{\"choices\":[],\"usage\":{\"completion_tokens\":2}}");

        assertArrayEquals(new long[] {10, 20}, clock.tokenNanos());
    }

    @Test
    void withoutUsageEveryChunkWithTextIsOneToken() {
        at(10, "{\"choices\":[{\"text\":\"\"}]}");
        at(20, "{\"choices\":[{\"text\":\"ab\"}]}");
        at(30, "{\"choices\":[{\"text\":\"c\"}]}");

        assertArrayEquals(new long[] {20, 30}, clock.tokenNanos());
    }

    private void at(long nanos, String data) {
        clock.chunk(StreamChunk.parse(data), nanos);
    }
}
