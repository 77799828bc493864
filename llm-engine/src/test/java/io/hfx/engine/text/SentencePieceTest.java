package io.hfx.engine.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A tokenizer like those of Llama 2 and Mistral: blanks are {@code ▁}, what has no token is spelled
 * in bytes. Ids and texts are those of transformers; make_sentencepiece_reference.py wrote both.
 */
class SentencePieceTest {
    private static final int FIRST_BYTE = 3;

    @TempDir static Path dir;
    private static CheckpointTokenizer tokenizer;
    private static JsonNode reference;

    @BeforeAll
    static void load() throws IOException {
        try (InputStream json = resource("tokenizer.json");
                InputStream rows = resource("reference.json")) {
            Files.copy(json, dir.resolve("tokenizer.json"));
            reference = new ObjectMapper().readTree(rows);
        }
        tokenizer = CheckpointTokenizer.load(dir);
    }

    private static InputStream resource(String name) {
        return SentencePieceTest.class.getResourceAsStream("sentencepiece/" + name);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    private static int[] ids(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    private static String streamed(int[] ids, boolean skipSpecialTokens, boolean continues) {
        Detokenizer detokenizer = new Detokenizer(tokenizer, skipSpecialTokens, continues);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String piece = detokenizer.push(id);
            boolean half = !piece.isEmpty() && Character.isLowSurrogate(piece.charAt(0));
            assertFalse(half, "half a character");
            text.append(piece);
        }
        return text.append(detokenizer.flush()).toString();
    }

    @Test
    void encodesAndDecodesAsTransformersDoes() {
        assertTrue(reference.size() >= 15);
        for (JsonNode row : reference) {
            String text = row.path("text").asText();
            int[] ids = ids(row.path("ids"));
            assertArrayEquals(ids, tokenizer.encode(text, false), text);
            assertArrayEquals(ids(row.path("idsWithSpecial")), tokenizer.encode(text, true), text);
            assertEquals(row.path("decoded").asText(), tokenizer.decode(ids, false));
            assertEquals(row.path("decoded").asText(), streamed(ids, false, false), text);
            assertEquals(row.path("decodedSkipped").asText(), streamed(ids, true, false), text);
        }
    }

    @Test
    void keepsTheBlankOfATextThatContinues() {
        int[] ids = tokenizer.encode("the world", false);
        assertEquals("the world", streamed(ids, true, false));
        assertEquals(" the world", streamed(ids, true, true));
    }

    @Test
    void putsOneBeginTokenBeforeATextThatHasIt() {
        String rendered = "<s>Hello</s>";
        assertArrayEquals(
                new int[] {1, 2},
                IntStream.of(tokenizer.encode(rendered, false))
                        .filter(tokenizer::isSpecial)
                        .toArray());
        assertEquals(1, tokenizer.encode("Hello", true)[0]);
    }

    @Test
    void givesBytesAndMarksOfTokens() {
        assertArrayEquals(new byte[] {(byte) 0xe4}, tokenizer.bytes(FIRST_BYTE + 0xe4));
        assertArrayEquals(
                " Hello".getBytes(UTF_8), tokenizer.bytes(tokenizer.encode("Hello", false)[0]));
        assertEquals(0, tokenizer.bytes(tokenizer.vocabulary()).length);
        assertEquals(0, tokenizer.bytes(-1).length);
        assertTrue(tokenizer.isSpecial(1));
        int think = tokenizer.encode("<think>", false)[0];
        assertFalse(tokenizer.isSpecial(think));
        assertArrayEquals("<think>".getBytes(UTF_8), tokenizer.bytes(think));
    }

    @Test
    void givesAnyBytesAsTheTextThatTheyAre() {
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[1 + random.nextInt(60)];
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length; i++) {
                // Java decodes broken surrogates otherwise; DetokenizerTest has them.
                bytes[i] = bytes[i] == (byte) 0xed ? (byte) 0xee : bytes[i];
            }
            if (random.nextBoolean()) {
                bytes = new String(bytes, UTF_8).concat("日🎉é").getBytes(UTF_8);
            }
            int[] ids = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                ids[i] = FIRST_BYTE + (bytes[i] & 0xff);
            }
            assertEquals(new String(bytes, UTF_8), streamed(ids, true, true), "seed " + seed);
        }
    }

    @Test
    void refusesADecoderThatItDoesNotKnow() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.writeString(
                other.resolve("tokenizer.json"),
                "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"WordPiece\"}}");
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> CheckpointTokenizer.load(other));
        assertTrue(
                e.getMessage().contains("field decoder is {\"type\":\"WordPiece\"}; supported: "),
                e.getMessage());
    }
}
