package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import java.net.InetSocketAddress;

/** Hears of a clone's steps, one call at a time, on the clone's threads: it must return quickly. */
public interface CloneListener {
    /** Hears nothing. */
    CloneListener NONE = new CloneListener() {};

    /** A seed has the image and gives it. */
    default void joined(InetSocketAddress seed, ImageManifest manifest) {}

    /** A chunk was verified. */
    default void progressed(Progress progress) {}

    /** A seed does not give the image, or not the rest of it; the next one is tried. */
    default void lost(InetSocketAddress seed, TransferException why) {}
}
