package io.hfx.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

class WeightImageTest {
    private static final String QUERY = "model.layers.2.self_attn.k_proj.weight";

    @TempDir Path dir;

    private Path tiny(boolean tied) throws IOException {
        String config = Files.readString(SampleFixture.TINY.resolve("config.json"));
        Files.writeString(
                dir.resolve("config.json"),
                tied
                        ? config.replace(
                                "\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : true")
                        : config);
        Path weights = dir.resolve("model.safetensors");
        Files.deleteIfExists(weights);
        Files.copy(SampleFixture.TINY.resolve("model.safetensors"), weights);
        return dir;
    }

    private static float[] floats(FloatBuffer buffer) {
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    @Test
    void holdsTheStoredValuesInBlobOrder() throws IOException {
        try (WeightImage image = WeightImage.load(SampleFixture.TINY)) {
            assertEquals(
                    TensorSpec.of(image.config()).stream().map(TensorSpec::name).toList(),
                    image.names());
            ByteBuffer file =
                    ByteBuffer.wrap(
                                    Files.readAllBytes(
                                            SampleFixture.TINY.resolve("model.safetensors")))
                            .order(ByteOrder.LITTLE_ENDIAN);
            file.position(8 + (int) file.getLong(0));
            for (String name : image.names()) {
                FloatBuffer values = image.tensor(name);
                while (values.hasRemaining()) {
                    assertEquals(Float.intBitsToFloat(file.getShort() << 16), values.get(), name);
                }
            }
            assertEquals(0, file.remaining());
        }
    }

    @Test
    void givesReadOnlyDirectViews() {
        try (WeightImage image = WeightImage.load(SampleFixture.TINY)) {
            FloatBuffer view = image.tensor(QUERY);
            assertTrue(view.isDirect() && view.isReadOnly());
            assertEquals(ByteOrder.nativeOrder(), view.order());
            view.get();
            assertEquals(0, image.tensor(QUERY).position());
            assertThrows(IllegalArgumentException.class, () -> image.tensor("no.such"));
        }
    }

    @Test
    void turnsProjectionsUnderInOut() {
        try (WeightImage asStored = WeightImage.load(SampleFixture.TINY);
                WeightImage turned = WeightImage.load(SampleFixture.TINY, WeightLayout.IN_OUT)) {
            for (String name : asStored.names()) {
                long[] shape = asStored.shape(name);
                boolean matrix = shape.length == 2 && !name.equals(TensorSpec.EMBEDDING);
                FloatBuffer a = asStored.tensor(name);
                FloatBuffer b = turned.tensor(name);
                if (!matrix) {
                    assertEquals(a, b, name);
                    continue;
                }
                int out = (int) shape[0];
                int in = (int) shape[1];
                assertArrayEquals(new long[] {in, out}, turned.shape(name));
                for (int i = 0; i < a.remaining(); i++) {
                    assertEquals(a.get(i), b.get(i % in * out + i / in), name);
                }
            }
            assertEquals(asStored.modelHash(), turned.modelHash());
        }
    }

    @Test
    void sharesATiedHeadOrTurnsACopy() throws IOException {
        Path tied = tiny(true);
        try (WeightImage image = WeightImage.load(tied);
                WeightImage turned = WeightImage.load(tied, WeightLayout.IN_OUT)) {
            assertArrayEquals(new long[] {2000, 256}, image.shape(TensorSpec.HEAD));
            assertEquals(image.tensor(TensorSpec.EMBEDDING), image.tensor(TensorSpec.HEAD));
            assertArrayEquals(new long[] {256, 2000}, turned.shape(TensorSpec.HEAD));
            float[] head = floats(turned.tensor(TensorSpec.HEAD));
            FloatBuffer embedding = turned.tensor(TensorSpec.EMBEDDING);
            assertEquals(embedding.get(1234 * 256 + 77), head[77 * 2000 + 1234]);
            assertEquals(image.modelHash(), turned.modelHash());
            assertEquals(2000L * 256 * Float.BYTES, turned.bytes() - image.bytes());
        }
    }

    @Test
    void hashesEveryWeight() throws IOException {
        Path copy = tiny(false);
        try (WeightImage one = WeightImage.load(SampleFixture.TINY);
                WeightImage same = WeightImage.load(copy)) {
            assertEquals(64, one.modelHash().length());
            assertEquals(one.modelHash(), same.modelHash());
            try (RandomAccessFile file =
                    new RandomAccessFile(copy.resolve("model.safetensors").toFile(), "rw")) {
                file.seek(file.length() - 1);
                int last = file.read();
                file.seek(file.length() - 1);
                file.write(last ^ 1);
            }
            try (WeightImage other = WeightImage.load(copy)) {
                assertNotEquals(one.modelHash(), other.modelHash());
            }
        }
    }

    @Test
    void doesNotDependOnTheSharding() throws Exception {
        Path sharded = ShardedCopy.of(SampleFixture.TINY, dir);
        try (WeightImage whole = WeightImage.load(SampleFixture.TINY);
                WeightImage parts = WeightImage.load(sharded)) {
            assertEquals(whole.modelHash(), parts.modelHash());
            assertEquals(whole.tensor(QUERY), parts.tensor(QUERY));
        }
    }

    @Test
    void isClosedOnce() {
        WeightImage image = WeightImage.load(SampleFixture.TINY);
        image.close();
        image.close();
        assertThrows(IllegalStateException.class, () -> image.tensor(QUERY));
    }
}
