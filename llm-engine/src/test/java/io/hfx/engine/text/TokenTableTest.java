package io.hfx.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sample.SampleFixture;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenTableTest {
    private static final String LIKE_LLAMA_2 =
            """
            {"added_tokens": [{"id": 5, "content": "<s>"}],
             "model": {"type": "BPE", "vocab": {
               "▁Hi": 0, "<0xE4>": 1, "<0x0A>": 2, "ä▁": 3, "<0xZZ>": 4, "<s>": 5, "gap": 7}},
             "decoder": {"type": "Sequence", "decoders": [
               {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
               {"type": "ByteFallback"}, {"type": "Fuse"},
               {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}}
            """;

    private static final String UNIGRAM =
            """
            {"model": {"type": "Unigram", "vocab": [["<unk>", 0], ["▁a", -1.5], ["<0x0A>", -2]]},
             "decoder": {"type": "Metaspace", "replacement": "▁"}}
            """;

    private static TokenTable of(String json) throws Exception {
        return new TokenTable(Path.of("tokenizer.json"), new ObjectMapper().readTree(json));
    }

    private static void assertText(String expected, byte[] bytes) {
        assertEquals(expected, new String(bytes, StandardCharsets.UTF_8));
    }

    /** Of byte-level pieces, whatever the text: together they are the text's bytes. */
    @Test
    void bytesOfATextsTokensAreTheText() {
        try (CheckpointTokenizer tokenizer = CheckpointTokenizer.load(SampleFixture.TINY)) {
            long seed = 12;
            Random random = new Random(seed);
            int partial = 0;
            for (int round = 0; round < 300; round++) {
                String text =
                        random.ints(1 + random.nextInt(30), 1, 0x11000)
                                .filter(c -> !Character.isSurrogate((char) c) || c > 0xffff)
                                .collect(
                                        StringBuilder::new,
                                        StringBuilder::appendCodePoint,
                                        StringBuilder::append)
                                .toString();
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                for (int id : tokenizer.encode(text, false)) {
                    byte[] piece = tokenizer.bytes(id);
                    bytes.writeBytes(piece);
                    partial += piece.length == 1 && piece[0] < 0 ? 1 : 0;
                }
                assertEquals(text, bytes.toString(StandardCharsets.UTF_8), "seed " + seed);
            }
            assertTrue(partial > 100, "parts of characters: " + partial);
        }
    }

    @Test
    void fallbackBytesAndMarkedSpacesAreUnderstood() throws Exception {
        TokenTable table = of(LIKE_LLAMA_2);
        assertText(" Hi", table.bytes(0));
        assertArrayEquals(new byte[] {(byte) 0xe4}, table.bytes(1));
        assertText("\n", table.bytes(2));
        assertText("ä ", table.bytes(3));
        assertText("<0xZZ>", table.bytes(4));
        assertText("<s>", table.bytes(5));
        assertText("gap", table.bytes(7));
    }

    @Test
    void withoutFallbackABytesNameIsText() throws Exception {
        TokenTable table = of(UNIGRAM);
        assertText("<unk>", table.bytes(0));
        assertText(" a", table.bytes(1));
        assertText("<0x0A>", table.bytes(2));
    }

    @Test
    void anIdWithoutATokenHasNoBytes() throws Exception {
        TokenTable table = of(LIKE_LLAMA_2);
        assertEquals(0, table.bytes(6).length);
        assertEquals(0, table.bytes(8).length);
        assertEquals(0, table.bytes(-1).length);
    }
}
