package io.hfx.plugin.weights;

import io.hfx.d2d.image.ElementType;
import io.hfx.d2d.image.ImageKey;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.ImageTensor;
import io.hfx.d2d.image.TensorShape;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.weights.ModelWeights;
import java.util.List;

/** The weights of an executor as an image: F32, matrices as [out, in], in the order of a step. */
final class ImageWeights {
    private static final String LAYOUT = "OUT_IN";
    private static final int LAYOUT_VERSION = 1;

    private ImageWeights() {}

    static ImageKey key(String modelHash) {
        return new ImageKey(modelHash, ElementType.F32, LAYOUT, LAYOUT_VERSION);
    }

    static List<TensorShape> shapes(ModelConfig config) {
        return TensorSpec.of(config).stream()
                .map(spec -> new TensorShape(spec.name(), ElementType.F32, spec.shape()))
                .toList();
    }

    /**
     * Checks that an image is one of that model, as far as a manifest tells.
     *
     * @param where what messages begin with
     */
    static void requireFit(String where, ImageManifest manifest, ModelConfig config) {
        key(manifest.key().modelHash()).requireSame(where, manifest.key());
        List<TensorShape> wanted = shapes(config);
        List<TensorShape> found =
                manifest.layout().tensors().stream().map(ImageTensor::shape).toList();
        for (int i = 0; i < Math.max(wanted.size(), found.size()); i++) {
            String want = i < wanted.size() ? wanted.get(i).toString() : "nothing";
            String have = i < found.size() ? found.get(i).toString() : "nothing";
            if (!want.equals(have)) {
                throw new WeightsException(
                        String.format(
                                "%s: tensor %d is %s; config.json asks for %s",
                                where, i, have, want));
            }
        }
    }

    /** The image as an executor reads it, tensor by tensor as they come; it stays open longer. */
    static ModelWeights of(ModelConfig config, IncomingImage image) {
        return new ModelWeights(
                config,
                image.manifest().key().modelHash(),
                name -> image.tensor(name).asFloatBuffer(),
                image::await);
    }
}
