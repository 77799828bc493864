package io.hfx.engine.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.sample.SampleFixture;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWeightsTest {
    private static final String KEY = "model.layers.2.self_attn.k_proj.weight";

    @TempDir Path dir;

    private Path copy() throws IOException {
        for (String file : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(SampleFixture.TINY.resolve(file), dir.resolve(file));
        }
        return dir;
    }

    /** Changes one bit of the file. */
    private static void flip(Path dir, long fromEnd) throws IOException {
        Path weights = dir.resolve("model.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.seek(file.length() - fromEnd);
            int value = file.read();
            file.seek(file.length() - fromEnd);
            file.write(value ^ 1);
        }
    }

    private static ModelFingerprint fingerprint(Path dir) {
        try (CheckpointWeights weights = CheckpointWeights.open(dir)) {
            return weights.fingerprint();
        }
    }

    @Test
    void readsTheStoredValuesInOrder() throws IOException {
        ModelWeights weights = ModelWeights.load(SampleFixture.TINY);
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(SampleFixture.TINY.resolve("model.safetensors")))
                        .order(ByteOrder.LITTLE_ENDIAN);
        file.position(8 + (int) file.getLong(0));
        for (TensorSpec spec : TensorSpec.of(weights.config())) {
            FloatBuffer values = weights.tensors().apply(spec.name());
            assertEquals(spec.elements(), values.remaining());
            while (values.hasRemaining()) {
                assertEquals(Float.intBitsToFloat(file.getShort() << 16), values.get());
            }
        }
        assertEquals(0, file.remaining());
    }

    @Test
    void givesReadOnlyDirectViews() {
        ModelWeights weights = ModelWeights.load(SampleFixture.TINY);
        FloatBuffer view = weights.tensors().apply(KEY);
        assertTrue(view.isDirect() && view.isReadOnly());
        assertEquals(ByteOrder.nativeOrder(), view.order());
        view.get();
        assertEquals(0, weights.tensors().apply(KEY).position());
        assertThrows(
                IllegalArgumentException.class, () -> weights.tensors().apply("no.such.tensor"));
    }

    @Test
    void hashesEveryWeight() throws IOException {
        String hash = ModelWeights.load(SampleFixture.TINY).modelHash();
        Path copy = copy();
        assertEquals(64, hash.length());
        assertEquals(hash, ModelWeights.load(copy).modelHash());
        flip(copy, 1);
        assertNotEquals(hash, ModelWeights.load(copy).modelHash());
    }

    @Test
    void doesNotDependOnTheSharding() throws Exception {
        ModelWeights whole = ModelWeights.load(SampleFixture.TINY);
        ModelWeights parts = ModelWeights.load(ShardedCopy.of(SampleFixture.TINY, dir));
        assertEquals(whole.modelHash(), parts.modelHash());
        assertEquals(whole.tensors().apply(KEY), parts.tensors().apply(KEY));
        assertEquals(fingerprint(SampleFixture.TINY), fingerprint(dir));
    }

    /** On disk, in memory, and in a copy it is the same; of another model it is another. */
    @Test
    void theFingerprintTellsModelsApart() throws IOException {
        ModelFingerprint one = fingerprint(SampleFixture.TINY);
        ModelWeights weights = ModelWeights.load(SampleFixture.TINY);
        ModelConfig config = weights.config();
        assertEquals(one, ModelFingerprint.of(config, weights.tensors()));
        assertEquals(one.config(), ModelFingerprint.configOf(config));
        Path copy = copy();
        assertEquals(one, fingerprint(copy));
        long lastTensorBytes = 2L * config.vocabulary() * config.hidden();
        flip(copy, lastTensorBytes);
        assertEquals(one.config(), fingerprint(copy).config());
        assertNotEquals(one.sample(), fingerprint(copy).sample());
        String json = Files.readString(copy.resolve("config.json"));
        Files.writeString(
                copy.resolve("config.json"),
                json.replaceFirst("\"rms_norm_eps\" : [0-9.eE-]+", "\"rms_norm_eps\" : 0.001"));
        assertNotEquals(one.config(), fingerprint(copy).config());
    }
}
