package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.TensorImage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/** A source whose chunks get one bit wrong where the test says so; counts what it was asked. */
final class Tampering implements ImageSource {
    final AtomicInteger asked = new AtomicInteger();
    private final TensorImage image;
    private final IntPredicate wrong;

    Tampering(TensorImage image, IntPredicate wrong) {
        this.image = image;
        this.wrong = wrong;
    }

    @Override
    public ImageManifest awaitManifest(Duration atMost) {
        asked.incrementAndGet();
        return image.manifest();
    }

    @Override
    public ByteBuffer awaitChunk(int index, Duration atMost) {
        asked.incrementAndGet();
        ByteBuffer chunk = image.chunk(index);
        if (!wrong.test(index)) {
            return chunk;
        }
        ByteBuffer copy = ByteBuffer.allocateDirect(chunk.remaining()).put(chunk).flip();
        int at = copy.limit() / 3;
        return copy.put(at, (byte) (copy.get(at) ^ 0x10));
    }
}
