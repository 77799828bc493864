package io.hfx.d2d.image;

import io.hfx.d2d.image.ImageException.Fault;
import java.util.regex.Pattern;

/**
 * What an image holds, as far as it decides who may use it.
 *
 * @param modelHash identity of the model, 64 lower-case hexadecimal digits
 * @param dtype element type of the weights as inference uses them
 * @param layout how the tensors were post-processed, for example {@code IN_OUT}; 1 to 64 letters,
 *     digits, dots, dashes, underscores
 * @param layoutVersion of that layout; raised when the same name comes to mean other bytes; 1 to
 *     1,000,000
 */
public record ImageKey(String modelHash, ElementType dtype, String layout, int layoutVersion) {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern LAYOUT = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int MAX_LAYOUT_VERSION = 1_000_000;

    /**
     * Checks each field.
     *
     * @throws IllegalArgumentException naming the field that is out of its range
     */
    public ImageKey {
        if (!HASH.matcher(modelHash).matches()) {
            throw new IllegalArgumentException(
                    "modelHash must be 64 lower-case hexadecimal digits");
        }
        if (!LAYOUT.matcher(layout).matches()) {
            throw new IllegalArgumentException(
                    "layout must be 1 to 64 letters, digits, dots, dashes or underscores");
        }
        if (layoutVersion < 1 || layoutVersion > MAX_LAYOUT_VERSION) {
            throw new IllegalArgumentException(
                    "layoutVersion is " + layoutVersion + "; allowed: 1 to " + MAX_LAYOUT_VERSION);
        }
    }

    /**
     * Checks that what was found is what this key asks for.
     *
     * @param where what the message of a refusal begins with
     * @throws ImageException with the fault of the first field that differs
     */
    public void requireSame(String where, ImageKey found) {
        require(where, Fault.WRONG_MODEL, "model", modelHash, found.modelHash);
        require(where, Fault.WRONG_DTYPE, "dtype", dtype.name(), found.dtype.name());
        require(where, Fault.WRONG_LAYOUT, "layout", layoutText(), found.layoutText());
    }

    private String layoutText() {
        return layout + " version " + layoutVersion;
    }

    private static void require(
            String where, Fault fault, String field, String wanted, String found) {
        if (!wanted.equals(found)) {
            throw new ImageException(
                    fault, String.format("%s: %s is %s; wanted: %s", where, field, found, wanted));
        }
    }
}
