package io.hfx.d2d.image;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What an image holds and how its bytes are checked. Its encoded form is the JSON header of a
 * safetensors file; its hash is over that form, so equal hashes mean equal images. Immutable.
 */
public final class ImageManifest {
    /** Largest encoded form. */
    public static final int MAX_ENCODED_BYTES = 64 << 20;

    private final ImageKey key;
    private final ImageLayout layout;
    private final Chunks chunks;
    private final int[] checksums;
    private final byte[] encoded;
    private final String hash;

    ImageManifest(
            ImageKey key, ImageLayout layout, Chunks chunks, int[] checksums, byte[] encoded) {
        this.key = key;
        this.layout = layout;
        this.chunks = chunks;
        this.checksums = checksums;
        this.encoded = encoded;
        this.hash = HexFormat.of().formatHex(sha256(encoded));
    }

    static ImageManifest of(ImageKey key, ImageLayout layout, Chunks chunks, int[] checksums) {
        byte[] encoded = ManifestWriter.write(key, layout, chunks, checksums);
        return new ImageManifest(key, layout, chunks, checksums.clone(), encoded);
    }

    /**
     * Reads the encoded form; blanks after it are not part of it.
     *
     * @param where what messages begin with
     * @throws ImageException if it is not one, contradicts itself, or exceeds a limit
     */
    public static ImageManifest parse(String where, byte[] encoded) {
        return ManifestReader.read(where, encoded);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    public ImageKey key() {
        return key;
    }

    public ImageLayout layout() {
        return layout;
    }

    public Chunks chunks() {
        return chunks;
    }

    /** CRC32C of a chunk. */
    public int checksum(int chunk) {
        return checksums[chunk];
    }

    /** JSON in UTF-8, a new copy. */
    public byte[] encoded() {
        return encoded.clone();
    }

    /** SHA-256 of the encoded form, 64 lower-case hexadecimal digits. */
    public String hash() {
        return hash;
    }
}
