package io.hfx.plugin.weights;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.TensorImage;
import java.nio.ByteBuffer;

/**
 * An image that is all there.
 *
 * @param whole with every checksum compared; this owns it
 */
record WholeImage(TensorImage whole) implements IncomingImage {
    @Override
    public ImageManifest manifest() {
        return whole.manifest();
    }

    @Override
    public ByteBuffer tensor(String name) {
        return whole.tensor(name);
    }

    @Override
    public void await(String name) {}

    @Override
    public void close() {
        whole.close();
    }
}
