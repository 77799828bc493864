package io.hfx.plugin.weights;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.TensorImage;
import java.nio.ByteBuffer;

/** A weight image, of which all is there or some still comes. The loading thread owns it. */
sealed interface IncomingImage extends AutoCloseable permits WholeImage, ArrivingImage {
    ImageManifest manifest();

    /** A view of a tensor, which is to be read after {@link #await} only. */
    ByteBuffer tensor(String name);

    /**
     * Waits until a tensor is there and verified.
     *
     * @throws RuntimeException that says why it does not come
     */
    void await(String name);

    /**
     * Waits until all of it is there and verified; it stays this object's to close.
     *
     * @throws RuntimeException that says why it does not come
     */
    TensorImage whole();

    /**
     * Ends what brings it, and lets the memory of a whole image go. When this returns, no thread
     * writes to the memory any more. A second call has no effect.
     */
    @Override
    void close();
}
