package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageException;
import io.hfx.d2d.image.ImageKey;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which image a joiner asks for.
 *
 * @param key what it must hold; null: anything
 * @param manifestHash of the very image, 64 lower-case hexadecimal digits; null: any of that key
 */
public record Wanted(@Nullable ImageKey key, @Nullable String manifestHash) {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /** Checks the form of the hash. */
    public Wanted {
        if (manifestHash != null && !HASH.matcher(manifestHash).matches()) {
            throw new IllegalArgumentException(
                    "manifestHash must be 64 lower-case hexadecimal digits");
        }
    }

    /** Whatever the first seed holds. */
    public static Wanted any() {
        return new Wanted(null, null);
    }

    /** An image of this model, dtype and layout. */
    public static Wanted of(ImageKey key) {
        return new Wanted(key, null);
    }

    /**
     * Checks an image against this.
     *
     * @throws TransferException with the fault of what differs
     */
    void check(String where, ImageManifest found) {
        if (key != null) {
            try {
                key.requireSame(where, found.key());
            } catch (ImageException e) {
                throw new TransferException(Fault.of(e.fault()), e.getMessage(), e);
            }
        }
        if (manifestHash != null && !manifestHash.equals(found.hash())) {
            throw new TransferException(
                    Fault.WRONG_MANIFEST,
                    String.format(
                            "%s: the image is %s; wanted: %s", where, found.hash(), manifestHash));
        }
    }
}
