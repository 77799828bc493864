package io.hfx.d2d.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.d2d.image.ImageException.Fault;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {
    @TempDir Path dir;

    private TensorImage image;
    private Path file;

    @BeforeEach
    void writeOne() {
        image = Samples.image(5);
        file = dir.resolve("weights.safetensors");
        ImageFile.write(image, file);
    }

    private ImageException refusal(ImageKey key) {
        ImageException refusal =
                assertThrows(ImageException.class, () -> ImageFile.open(file, key));
        assertTrue(refusal.getMessage().contains("weights.safetensors"), refusal.getMessage());
        return refusal;
    }

    private void change(long at, int by) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(at);
            int old = raw.read();
            raw.seek(at);
            raw.write(old ^ by);
        }
    }

    @Test
    void aFileReadAgainIsTheSame() throws IOException {
        TensorImage read = ImageFile.open(file, Samples.KEY);
        assertEquals(image.manifest().hash(), read.manifest().hash());
        for (TensorShape shape : Samples.SHAPES) {
            assertEquals(image.tensor(shape.name()), read.tensor(shape.name()), shape.name());
        }
        assertFalse(Files.exists(dir.resolve("weights.safetensors.part")));
        assertEquals(
                0,
                (Files.size(file) - image.manifest().layout().blobBytes())
                        % ImageLayout.BLOB_ALIGN_BYTES);
    }

    @Test
    void aChangedByteOfTheBlobNamesItsChunk() throws IOException {
        long blobStart = Files.size(file) - image.manifest().layout().blobBytes();
        change(blobStart + 3L * Samples.CHUNK_BYTES + 17, 4);
        ImageException refusal = refusal(Samples.KEY);
        assertEquals(Fault.CORRUPT, refusal.fault());
        assertTrue(refusal.getMessage().contains("chunk 3 "), refusal.getMessage());
    }

    @Test
    void aShorterFileIsTruncatedALongerOneCorrupt() throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            long whole = raw.length();
            raw.setLength(whole + 1);
            assertEquals(Fault.CORRUPT, refusal(Samples.KEY).fault());
            for (long length : new long[] {whole - 1, 1000, 8, 7, 0}) {
                raw.setLength(length);
                assertEquals(Fault.TRUNCATED, refusal(Samples.KEY).fault(), "length " + length);
            }
        }
    }

    @Test
    void aHugeHeaderLengthIsRefusedBeforeAnyMemoryIsTaken() throws IOException {
        change(5, 0x40);
        assertEquals(Fault.CORRUPT, refusal(Samples.KEY).fault());
    }

    @Test
    void anotherModelLayoutOrTypeIsRefused() {
        ImageKey key = Samples.KEY;
        String other = "f".repeat(64);
        assertEquals(
                Fault.WRONG_MODEL, refusal(new ImageKey(other, key.dtype(), "IN_OUT", 1)).fault());
        assertEquals(
                Fault.WRONG_DTYPE,
                refusal(new ImageKey(key.modelHash(), ElementType.F16, "IN_OUT", 1)).fault());
        assertEquals(
                Fault.WRONG_LAYOUT,
                refusal(new ImageKey(key.modelHash(), key.dtype(), "OUT_IN", 1)).fault());
        assertEquals(
                Fault.WRONG_LAYOUT,
                refusal(new ImageKey(key.modelHash(), key.dtype(), "IN_OUT", 2)).fault());
    }

    @Test
    void aFullDiskLeavesNothingBehind() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "this system has no /dev/full");
        Path target = dir.resolve("second.safetensors");
        Files.createSymbolicLink(dir.resolve("second.safetensors.part"), full);
        ImageException refusal =
                assertThrows(ImageException.class, () -> ImageFile.write(image, target));
        assertEquals(Fault.IO, refusal.fault());
        assertFalse(Files.exists(target));
        assertFalse(Files.isSymbolicLink(dir.resolve("second.safetensors.part")));
    }

    @Test
    void whatCannotBeReadOrWrittenSaysSo() {
        file = dir.resolve("no-weights.safetensors");
        assertEquals(Fault.IO, refusal(Samples.KEY).fault());
        Path nowhere = dir.resolve("absent").resolve("x");
        ImageException refusal =
                assertThrows(ImageException.class, () -> ImageFile.write(image, nowhere));
        assertEquals(Fault.IO, refusal.fault());
    }
}
