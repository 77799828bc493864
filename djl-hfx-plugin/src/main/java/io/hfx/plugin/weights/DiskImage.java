package io.hfx.plugin.weights;

import io.hfx.d2d.image.ImageDraft;
import io.hfx.d2d.image.ImageException;
import io.hfx.d2d.image.ImageMemory;
import io.hfx.d2d.image.TensorImage;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.weights.CheckpointWeights;
import io.hfx.plugin.weights.WeightStatus.Phase;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;

/** Builds an image from the files of a checkpoint. */
final class DiskImage {
    private DiskImage() {}

    /**
     * Reads the files once.
     *
     * @throws CheckpointException if they cannot be used, or the memory does not suffice
     */
    static TensorImage read(
            Path folder, int chunkBytes, ImageMemory.Allocator allocator, WeightStatus status) {
        try (CheckpointWeights checkpoint = CheckpointWeights.open(folder);
                ImageDraft draft =
                        status.time(
                                Phase.ALLOCATE,
                                () ->
                                        ImageDraft.of(
                                                ImageWeights.shapes(checkpoint.config()),
                                                chunkBytes,
                                                allocator))) {
            return status.time(
                    Phase.WEIGHTS,
                    () -> draft.seal(ImageWeights.key(checkpoint.read(n -> room(draft, n)))));
        } catch (ImageException e) {
            throw new CheckpointException(folder + ": " + e.getMessage(), e);
        }
    }

    private static FloatBuffer room(ImageDraft draft, String tensor) {
        List<ByteBuffer> pieces = draft.room(tensor);
        if (pieces.size() != 1) {
            throw new CheckpointException(
                    "tensor " + tensor + " takes 2 GiB or more as F32, which is not supported");
        }
        return pieces.get(0).asFloatBuffer();
    }
}
