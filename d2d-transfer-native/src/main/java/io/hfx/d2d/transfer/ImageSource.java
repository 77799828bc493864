package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.TensorImage;
import java.nio.ByteBuffer;
import java.time.Duration;

/** What a seed serves: a whole image, or one that still comes in. Any thread. */
public interface ImageSource {
    /**
     * The manifest, once it is known.
     *
     * @throws TransferException {@code NOT_READY} if that takes longer, or will never be
     */
    ImageManifest awaitManifest(Duration atMost);

    /**
     * The bytes of a verified chunk, once they are there.
     *
     * @param index within the manifest's chunks
     * @throws TransferException {@code NOT_READY} if that takes longer, or will never be
     */
    ByteBuffer awaitChunk(int index, Duration atMost);

    /** A whole image, which stays open as long as a seed serves it. */
    static ImageSource of(TensorImage image) {
        return new ImageSource() {
            @Override
            public ImageManifest awaitManifest(Duration atMost) {
                return image.manifest();
            }

            @Override
            public ByteBuffer awaitChunk(int index, Duration atMost) {
                return image.chunk(index);
            }
        };
    }
}
