package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.TensorImage;
import java.nio.ByteBuffer;
import java.time.Duration;

/** What a seed serves: a whole image, or one that still comes in. Any thread. */
public interface ImageSource {
    /** Largest card. */
    int MAX_CARD_BYTES = 64 << 10;

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

    /**
     * What joiners are told besides the manifest before any byte of the image: whatever the owner
     * of the source wants, at most {@value #MAX_CARD_BYTES} bytes; not looked into here.
     */
    default byte[] card() {
        return new byte[0];
    }

    /** A whole image, which stays open as long as a seed serves it. */
    static ImageSource of(TensorImage image) {
        return of(image, new byte[0]);
    }

    /** The same with a card. */
    static ImageSource of(TensorImage image, byte[] card) {
        if (card.length > MAX_CARD_BYTES) {
            throw new IllegalArgumentException(
                    "a card has " + card.length + " bytes; allowed: at most " + MAX_CARD_BYTES);
        }
        byte[] its = card.clone();
        return new ImageSource() {
            @Override
            public byte[] card() {
                return its.clone();
            }

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
