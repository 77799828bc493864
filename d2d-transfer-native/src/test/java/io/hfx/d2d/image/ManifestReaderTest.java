package io.hfx.d2d.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.ImageException.Fault;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestReaderTest {
    private static final String GOOD = new String(Samples.image(3).manifest().encoded(), UTF_8);

    /**
     * Each line: what is replaced (a regular expression), by what, the fault, part of the message.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "^\\{ | [ | CORRUPT | not a JSON object",
                "\\}$ | `` | CORRUPT | not valid JSON",
                "\"hfx.image_version\":\"1\" | \"hfx.image_version\":\"2\" | UNSUPPORTED | is 2",
                "\"hfx.image_version\":\"1\" | \"hfx.image_version\":1 | CORRUPT | no text field",
                "\"hfx.model_hash\":\"0 | \"hfx.model_hash\":\"X | CORRUPT | modelHash",
                "\"hfx.layout_version\":\"1\" | \"hfx.layout_version\":\"one\" | CORRUPT | one",
                "\"hfx.layout_version\":\"1\" | \"hfx.layout_version\":\"0\" | CORRUPT | layoutVersion",
                "\"hfx.dtype\":\"F32\" | \"hfx.dtype\":\"F31\" | CORRUPT | F31",
                "\"hfx.segment_bytes\":\"\\d+\" | \"hfx.segment_bytes\":\"5\" | CORRUPT | is 5",
                "\"hfx.segment_bytes\":\" | \"hfx.segment_bytes\":\"2097152, | CORRUPT | end at",
                "\"hfx.chunk_bytes\":\"65536\" | \"hfx.chunk_bytes\":\"1\" | UNSUPPORTED | a chunk",
                "\"hfx.chunk_crc32c\":\". | \"hfx.chunk_crc32c\":\" | CORRUPT | digits of checks",
                "\"hfx.chunk_crc32c\":\". | \"hfx.chunk_crc32c\":\"x | CORRUPT | hexadecimal",
                "\"shape\":\\[257,129\\] | \"shape\":[257,128] | CORRUPT | tensor embed",
                "\"shape\":\\[257,129\\] | \"shape\":[-257,-129] | CORRUPT | shape is",
                "\"shape\":\\[257,129\\] | \"shape\":[257.5] | CORRUPT | integers",
                "\"shape\":\\[257,129\\] | \"shape\":[1,1,1,1,1,1,1,1,1] | CORRUPT | at most 8",
                "\"data_offsets\":\\[0, | \"data_offsets\":[1, | CORRUPT | expected [0",
                "\"layers.0.norm\" | \"embed\" | CORRUPT | Duplicate field",
                "\"hfx.pad.0\" | \"odd\" | CORRUPT | is not aligned",
            })
    void aManifestWithOneThingWrongIsRefused(
            String pattern, String by, Fault fault, String message) {
        String bad = GOOD.replaceFirst(pattern, by);
        assertTrue(!bad.equals(GOOD), "the pattern matches nothing");
        ImageException refusal =
                assertThrows(
                        ImageException.class, () -> ImageManifest.parse("m", bad.getBytes(UTF_8)));
        assertEquals(fault, refusal.fault(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
        assertTrue(refusal.getMessage().length() < 500, refusal.getMessage());
    }

    @Test
    void changedBytesAreRefusedOrMakeAnotherHash() {
        long seed = 11;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        String hash = ImageManifest.parse("m", GOOD.getBytes(UTF_8)).hash();
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = GOOD.getBytes(UTF_8);
            int at = random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(7));
            try {
                assertTrue(!ImageManifest.parse("m", bytes).hash().equals(hash));
            } catch (ImageException expected) {
                assertTrue(expected.getMessage().startsWith("m: "), expected.getMessage());
            }
        }
    }
}
