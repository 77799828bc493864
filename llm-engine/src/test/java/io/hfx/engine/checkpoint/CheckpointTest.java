package io.hfx.engine.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.sample.SampleFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
    private static final String ONE_TENSOR =
            "{\"w\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}";

    @TempDir Path dir;

    private Path file(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put(data);
        return Files.write(dir.resolve("model.safetensors"), bytes.array());
    }

    private static String refusal(Path file) {
        return assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file).close())
                .getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "F32 | [2,2] | [0,12] | span 12 bytes, but F32 [2, 2] takes 16",
                "I64 | [1]   | [0,8]  | dtype is \"I64\"; supported: F32, F16, BF16",
                "F32 | [-1]  | [0,16] | shape must be an array of at most 8 integers of at least 0",
                "F32 | [4]   | [16,0] | data_offsets is [16, 0]; allowed: [from, to]",
                "F32 | [4]   | [8,24] | expected a start of 0",
                "F32 | [8]   | [0,32] | an end of at most 16",
                "F32 | [2]   | [0,8]  | 16 bytes of data, but its tensors take 8",
                "F32 | [4000000000,4000000000] | [0,16] | is too large",
                "F32 | 4     | [0,16] | shape must be an array"
            })
    void refusesAHeaderThatDoesNotFitTheData(
            String dtype, String shape, String offsets, String expected) throws IOException {
        String message =
                refusal(file(String.format(ONE_TENSOR, dtype, shape, offsets), new byte[16]));
        assertTrue(message.contains(expected), message);
        assertTrue(message.contains("model.safetensors"), message);
    }

    @Test
    void refusesOverlapTwinsAndBrokenJson() throws IOException {
        String entry = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
        String overlap = refusal(file("{\"a\":" + entry + ",\"b\":" + entry + "}", new byte[8]));
        assertTrue(overlap.contains("no gap, no overlap"), overlap);
        String twins = refusal(file("{\"a\":" + entry + ",\"a\":" + entry + "}", new byte[8]));
        assertTrue(twins.contains("Duplicate field 'a'"), twins);
        assertTrue(refusal(file("{\"a\":", new byte[0])).contains("not valid JSON"));
    }

    @Test
    void refusesAHeaderLengthBeyondTheFile() throws IOException {
        for (long length : new long[] {-1, 0, 9, 100_000_001, Long.MAX_VALUE}) {
            ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            Path file = Files.write(dir.resolve("x"), bytes.putLong(length).array());
            String message = refusal(file);
            assertTrue(message.contains("header length is"), message);
        }
        assertTrue(refusal(Files.write(dir.resolve("y"), new byte[3])).contains("too short"));
    }

    private static float[] read(SafetensorsFile file, int piece) throws Exception {
        List<Float> values = new ArrayList<>();
        file.read(
                file.entries().get("w"),
                piece,
                MessageDigest.getInstance("SHA-256"),
                (floats, count) -> {
                    for (int i = 0; i < count; i++) {
                        values.add(floats[i]);
                    }
                });
        float[] out = new float[values.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = values.get(i);
        }
        return out;
    }

    @ParameterizedTest
    @CsvSource({"F32,4", "F16,2", "BF16,2"})
    void widensEveryTypeInPiecesOfAnySize(String dtype, int bytes) throws Exception {
        float[] expected = {1, -2, 0.5f, 0, -0f, Float.POSITIVE_INFINITY, 1.5f};
        ByteBuffer data = ByteBuffer.allocate(7 * bytes).order(ByteOrder.LITTLE_ENDIAN);
        short[] half = {0x3c00, (short) 0xc000, 0x3800, 0, (short) 0x8000, 0x7c00, 0x3e00};
        for (int i = 0; i < expected.length; i++) {
            int bits = Float.floatToRawIntBits(expected[i]);
            switch (dtype) {
                case "F32" -> data.putInt(bits);
                case "BF16" -> data.putShort((short) (bits >>> 16));
                default -> data.putShort(half[i]);
            }
        }
        String header = String.format(ONE_TENSOR, dtype, "[7]", "[0," + 7 * bytes + "]");
        try (SafetensorsFile file = SafetensorsFile.open(file(header, data.array()))) {
            for (int piece : new int[] {1, 3, 7, 100}) {
                assertArrayEquals(expected, read(file, piece));
            }
        }
    }

    @Test
    void widensAllHalves() {
        assertEquals(0x1p-24f, DType.halfToFloat((short) 1));
        assertEquals(0x1p-14f, DType.halfToFloat((short) 0x0400));
        assertEquals(65504f, DType.halfToFloat((short) 0x7bff));
        assertEquals(Float.NEGATIVE_INFINITY, DType.halfToFloat((short) 0xfc00));
        assertTrue(Float.isNaN(DType.halfToFloat((short) 0x7e00)));
        for (int bits = 0; bits < 0x7c00; bits++) {
            int exponent = bits >>> 10;
            double mantissa = bits & 0x3ff;
            double value =
                    exponent == 0
                            ? mantissa * 0x1p-24
                            : (1024 + mantissa) * StrictMath.scalb(1.0, exponent - 25);
            assertEquals((float) value, DType.halfToFloat((short) bits));
            assertEquals((float) -value, DType.halfToFloat((short) (bits | 0x8000)));
        }
    }

    private Path copyOfTiny() throws IOException {
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(SampleFixture.TINY.resolve(name), dir.resolve(name));
        }
        return dir;
    }

    private void edit(String from, String to) throws IOException {
        Path config = dir.resolve("config.json");
        String text = Files.readString(config);
        assertTrue(text.contains(from), from);
        Files.writeString(config, text.replace(from, to));
    }

    private String openRefusal() {
        return assertThrows(CheckpointException.class, () -> Checkpoint.open(dir).close())
                .getMessage();
    }

    @Test
    void namesTensorsOfAnotherShape() throws IOException {
        copyOfTiny();
        edit("\"intermediate_size\" : 448", "\"intermediate_size\" : 512");
        String message = openRefusal();
        assertTrue(
                message.contains(
                        "tensor model.layers.0.mlp.gate_proj.weight has shape [448, 256], expected"
                                + " [512, 256]"),
                message);
        assertTrue(message.endsWith("and 7 more"), message);
    }

    @Test
    void namesMissingAndUnknownTensors() throws IOException {
        copyOfTiny();
        edit("\"num_hidden_layers\" : 4", "\"num_hidden_layers\" : 5");
        assertTrue(
                openRefusal()
                        .contains(
                                "tensor model.layers.4.input_layernorm.weight is missing, expected"
                                        + " shape [256]"));
        edit("\"num_hidden_layers\" : 5", "\"num_hidden_layers\" : 3");
        assertTrue(
                openRefusal()
                        .contains(
                                "tensor model.layers.3.input_layernorm.weight is not part of this"
                                        + " Llama model"));
    }

    @Test
    void allowsTheHeadOfATiedModel() throws IOException {
        copyOfTiny();
        edit("\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : true");
        try (Checkpoint checkpoint = Checkpoint.open(dir)) {
            assertEquals(38, checkpoint.tensors().size());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "../model.safetensors",
        "/etc/x.safetensors",
        "a/b.safetensors",
        "weights.bin",
        ".."
    })
    void keepsShardsInTheirDirectory(String shard) throws IOException {
        copyOfTiny();
        Files.delete(dir.resolve("model.safetensors"));
        Files.writeString(
                dir.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"lm_head.weight\": \"" + shard + "\"}}");
        assertTrue(openRefusal().contains("allowed: a plain file name"), openRefusal());
    }

    @Test
    void saysWhenShardsAreMissingOrWrong() throws IOException {
        copyOfTiny();
        Files.move(dir.resolve("model.safetensors"), dir.resolve("a.safetensors"));
        assertTrue(openRefusal().contains("has neither model.safetensors nor"));
        Path index = dir.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\": {\"lm_head.weight\": \"b.safetensors\"}}");
        assertTrue(openRefusal().contains("names b.safetensors, which does not exist"));
        Files.writeString(index, "{\"weight_map\": {\"no.such\": \"a.safetensors\"}}");
        assertTrue(openRefusal().contains("says that no.such is in"));
        Files.writeString(index, "{}");
        assertTrue(openRefusal().contains("field weight_map must be an object"));
    }
}
