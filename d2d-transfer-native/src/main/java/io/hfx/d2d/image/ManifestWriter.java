package io.hfx.d2d.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.d2d.image.ImageException.Fault;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes a manifest as a safetensors header. That format allows no gap between tensors, so padding
 * has entries of its own, of type U8; and only texts as metadata, so numbers are texts there.
 */
final class ManifestWriter {
    static final String VERSION_FIELD = "hfx.image_version";
    static final String VERSION = "1";
    static final String MODEL_FIELD = "hfx.model_hash";
    static final String DTYPE_FIELD = "hfx.dtype";
    static final String LAYOUT_FIELD = "hfx.layout";
    static final String LAYOUT_VERSION_FIELD = "hfx.layout_version";
    static final String SEGMENTS_FIELD = "hfx.segment_bytes";
    static final String CHUNK_FIELD = "hfx.chunk_bytes";
    static final String CHECKSUMS_FIELD = "hfx.chunk_crc32c";

    private final ObjectNode json = JsonNodeFactory.instance.objectNode();
    private int pads;
    private long atBytes;

    private ManifestWriter() {}

    static byte[] write(ImageKey key, ImageLayout layout, Chunks chunks, int[] checksums) {
        ManifestWriter writer = new ManifestWriter();
        writer.metadata(key, layout, chunks, checksums);
        for (ImageTensor tensor : layout.tensors()) {
            writer.pad(tensor.offsetBytes());
            writer.entry(tensor.name(), tensor.shape(), tensor.endBytes());
        }
        writer.pad(layout.blobBytes());
        byte[] encoded = writer.json.toString().getBytes(UTF_8);
        if (encoded.length > ImageManifest.MAX_ENCODED_BYTES) {
            throw new ImageException(
                    Fault.UNSUPPORTED,
                    String.format(
                            "the manifest takes %d bytes; allowed: at most %d",
                            encoded.length, ImageManifest.MAX_ENCODED_BYTES));
        }
        return encoded;
    }

    private void metadata(ImageKey key, ImageLayout layout, Chunks chunks, int[] checksums) {
        HexFormat hex = HexFormat.of();
        StringBuilder digits = new StringBuilder(checksums.length * 8);
        for (int checksum : checksums) {
            digits.append(hex.toHexDigits(checksum));
        }
        json.putObject(TensorShape.METADATA)
                .put(VERSION_FIELD, VERSION)
                .put(MODEL_FIELD, key.modelHash())
                .put(DTYPE_FIELD, key.dtype().name())
                .put(LAYOUT_FIELD, key.layout())
                .put(LAYOUT_VERSION_FIELD, Integer.toString(key.layoutVersion()))
                .put(
                        SEGMENTS_FIELD,
                        layout.segmentBytes().stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(",")))
                .put(CHUNK_FIELD, Integer.toString(chunks.chunkBytes()))
                .put(CHECKSUMS_FIELD, digits.toString());
    }

    private void pad(long toBytes) {
        if (atBytes < toBytes) {
            entry(
                    TensorShape.PAD_PREFIX + pads++,
                    ElementType.U8,
                    List.of(toBytes - atBytes),
                    toBytes);
        }
    }

    private void entry(String name, TensorShape shape, long toBytes) {
        entry(name, shape.type(), shape.shape(), toBytes);
    }

    private void entry(String name, ElementType type, List<Long> shape, long toBytes) {
        ObjectNode entry = json.putObject(name).put("dtype", type.name());
        shape.forEach(entry.putArray("shape")::add);
        entry.putArray("data_offsets").add(atBytes).add(toBytes);
        atBytes = toBytes;
    }
}
