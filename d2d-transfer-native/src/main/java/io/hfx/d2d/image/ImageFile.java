package io.hfx.d2d.image;

import io.hfx.d2d.image.ImageException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Images as safetensors files: 8 bytes little-endian header length, the manifest filled up with
 * blanks so that the blob begins at a multiple of 2 MiB, the blob.
 */
public final class ImageFile {
    private static final int LENGTH_BYTES = 8;
    private static final int MAX_HEADER_BYTES =
            ImageManifest.MAX_ENCODED_BYTES + ImageLayout.BLOB_ALIGN_BYTES;

    private ImageFile() {}

    /**
     * Writes beside the file first and renames at the end, so that the file is whole or absent.
     *
     * @throws ImageException if it cannot be written, for example for want of space
     */
    public static void write(TensorImage image, Path file) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            part,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                writeFully(channel, header(image.manifest().encoded()));
                for (int i = 0; i < image.manifest().chunks().count(); i++) {
                    writeFully(channel, image.chunk(i));
                }
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            ImageException failure =
                    new ImageException(Fault.IO, file + ": cannot be written: " + e, e);
            try {
                Files.deleteIfExists(part);
            } catch (IOException left) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
    }

    private static ByteBuffer header(byte[] encoded) {
        int padding = Math.floorMod(-(LENGTH_BYTES + encoded.length), ImageLayout.BLOB_ALIGN_BYTES);
        byte[] padded = Arrays.copyOf(encoded, encoded.length + padding);
        Arrays.fill(padded, encoded.length, padded.length, (byte) ' ');
        return ByteBuffer.allocate(LENGTH_BYTES + padded.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .put(padded)
                .flip();
    }

    /**
     * Maps a file and verifies all of it. The file must not be changed while the image is in use.
     *
     * @throws ImageException if it is not what {@code wanted} says, broken, or cannot be read
     */
    public static TensorImage open(Path file, ImageKey wanted) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ImageManifest manifest = manifest(file, channel);
            wanted.requireSame(file.toString(), manifest.key());
            long start = dataStart(file, channel);
            long found = channel.size() - start;
            long expected = manifest.layout().blobBytes();
            if (found != expected) {
                throw new ImageException(
                        found < expected ? Fault.TRUNCATED : Fault.CORRUPT,
                        String.format("%s: %d bytes of data; expected: %d", file, found, expected));
            }
            BufferMemory memory =
                    BufferMemory.mapped(channel, start, manifest.layout().segmentBytes());
            TensorImage image = new TensorImage(manifest, memory);
            image.verify(file.toString());
            return image;
        } catch (IOException e) {
            throw new ImageException(Fault.IO, file + ": cannot be read: " + e, e);
        }
    }

    private static ImageManifest manifest(Path file, FileChannel channel) throws IOException {
        byte[] header = new byte[(int) (dataStart(file, channel) - LENGTH_BYTES)];
        readFully(file, channel, ByteBuffer.wrap(header), LENGTH_BYTES);
        return ImageManifest.parse(file + ": header", header);
    }

    private static long dataStart(Path file, FileChannel channel) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(file, channel, length, 0);
        long headerBytes = length.getLong(0);
        if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
            throw new ImageException(
                    Fault.CORRUPT,
                    String.format(
                            "%s: header length is %s bytes; allowed: 2 to %d",
                            file, Long.toUnsignedString(headerBytes), MAX_HEADER_BYTES));
        }
        return LENGTH_BYTES + headerBytes;
    }

    private static void readFully(Path file, FileChannel channel, ByteBuffer into, long position)
            throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw new ImageException(
                        Fault.TRUNCATED, file + ": ends at byte " + at + ", inside its header");
            }
            at += read;
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
