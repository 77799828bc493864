package io.hfx.d2d.image;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.d2d.image.ImageException.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Reads a manifest and believes nothing of it: every field is checked for its range, tensors for
 * lying end to end in the blob, and the checksums for their number. What it lets through has the
 * properties that {@link ImageLayout} and {@link Chunks} promise.
 */
final class ManifestReader {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();
    private static final int MAX_SEGMENTS = 1 << 15;
    private static final int CHECKSUM_DIGITS = 8;

    private final String where;

    private ManifestReader(String where) {
        this.where = where;
    }

    static ImageManifest read(String where, byte[] bytes) {
        return new ManifestReader(where).read(bytes);
    }

    private ImageManifest read(byte[] bytes) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == ' ') {
            length--;
        }
        if (length > ImageManifest.MAX_ENCODED_BYTES) {
            throw unsupported(
                    String.format(
                            "%d bytes; allowed: at most %d",
                            length, ImageManifest.MAX_ENCODED_BYTES));
        }
        byte[] encoded = Arrays.copyOf(bytes, length);
        ObjectNode json = json(encoded);
        JsonNode metadata = json.path(TensorShape.METADATA);
        String version = text(metadata, ManifestWriter.VERSION_FIELD);
        if (!version.equals(ManifestWriter.VERSION)) {
            throw unsupported(
                    String.format(
                            "image version is %s; supported: %s",
                            shown(version), ManifestWriter.VERSION));
        }
        List<Integer> segments = segments(metadata);
        long blobBytes = segments.stream().mapToLong(Integer::longValue).sum();
        ImageLayout layout = new ImageLayout(tensors(json, blobBytes), segments);
        checkPlaces(layout);
        Chunks chunks = chunks(segments, number(metadata, ManifestWriter.CHUNK_FIELD));
        int[] checksums = checksums(metadata, chunks.count());
        return new ImageManifest(key(metadata), layout, chunks, checksums, encoded);
    }

    private ObjectNode json(byte[] encoded) {
        try {
            if (encoded.length > 0 && encoded[0] == '{') {
                if (MAPPER.readTree(encoded) instanceof ObjectNode json) {
                    return json;
                }
            }
            throw corrupt("not a JSON object");
        } catch (JsonProcessingException e) {
            throw new ImageException(
                    Fault.CORRUPT, where + ": not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ImageException(Fault.CORRUPT, where + ": not valid JSON", e);
        }
    }

    private String text(JsonNode metadata, String field) {
        JsonNode value = metadata.path(field);
        if (!value.isTextual()) {
            throw corrupt(String.format("%s has no text field %s", TensorShape.METADATA, field));
        }
        return value.textValue();
    }

    private int number(JsonNode metadata, String field) {
        return number(field, text(metadata, field));
    }

    private int number(String field, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new ImageException(
                    Fault.CORRUPT,
                    String.format("%s: %s is \"%s\", not a number", where, field, shown(text)),
                    e);
        }
    }

    private ImageKey key(JsonNode metadata) {
        try {
            return new ImageKey(
                    text(metadata, ManifestWriter.MODEL_FIELD),
                    ElementType.of(where, text(metadata, ManifestWriter.DTYPE_FIELD)),
                    text(metadata, ManifestWriter.LAYOUT_FIELD),
                    number(metadata, ManifestWriter.LAYOUT_VERSION_FIELD));
        } catch (IllegalArgumentException e) {
            throw new ImageException(Fault.CORRUPT, where + ": " + e.getMessage(), e);
        }
    }

    private List<Integer> segments(JsonNode metadata) {
        String[] texts = text(metadata, ManifestWriter.SEGMENTS_FIELD).split(",", MAX_SEGMENTS + 1);
        if (texts.length > MAX_SEGMENTS) {
            throw unsupported(String.format("more than %d segments", MAX_SEGMENTS));
        }
        List<Integer> segments = new ArrayList<>();
        for (String text : texts) {
            int bytes = number(ManifestWriter.SEGMENTS_FIELD, text);
            if (bytes <= 0
                    || bytes > ImageLayout.MAX_SEGMENT_BYTES
                    || bytes % ImageLayout.BLOB_ALIGN_BYTES != 0) {
                throw corrupt(
                        String.format(
                                "a segment is %d bytes; allowed: multiples of %d up to %d",
                                bytes,
                                ImageLayout.BLOB_ALIGN_BYTES,
                                ImageLayout.MAX_SEGMENT_BYTES));
            }
            segments.add(bytes);
        }
        return segments;
    }

    private Chunks chunks(List<Integer> segments, int chunkBytes) {
        try {
            return Chunks.of(segments, chunkBytes);
        } catch (ImageException e) {
            throw new ImageException(e.fault(), where + ": " + e.getMessage(), e);
        }
    }

    private int[] checksums(JsonNode metadata, int count) {
        String digits = text(metadata, ManifestWriter.CHECKSUMS_FIELD);
        if (digits.length() != (long) count * CHECKSUM_DIGITS) {
            throw corrupt(
                    String.format(
                            "%d digits of checksums for %d chunks; each has %d",
                            digits.length(), count, CHECKSUM_DIGITS));
        }
        int[] checksums = new int[count];
        try {
            for (int i = 0; i < count; i++) {
                int from = i * CHECKSUM_DIGITS;
                checksums[i] = HexFormat.fromHexDigits(digits, from, from + CHECKSUM_DIGITS);
            }
        } catch (IllegalArgumentException e) {
            throw new ImageException(
                    Fault.CORRUPT, where + ": a checksum is not hexadecimal digits", e);
        }
        return checksums;
    }

    /** Entries must follow each other without a gap, as they do in every file that we write. */
    private List<ImageTensor> tensors(ObjectNode json, long blobBytes) {
        if (json.size() > 2 * ImageLayout.MAX_TENSORS + 2) {
            throw unsupported(String.format("%d entries", json.size()));
        }
        List<ImageTensor> tensors = new ArrayList<>();
        long at = 0;
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            String name = field.getKey();
            if (!name.equals(TensorShape.METADATA)) {
                at = entry(tensors, name, field.getValue(), at);
            }
        }
        if (at != blobBytes) {
            throw corrupt(
                    String.format("the tensors end at byte %d of the blob's %d", at, blobBytes));
        }
        ImageLayout.checkCount(where, tensors.size());
        return tensors;
    }

    private long entry(List<ImageTensor> tensors, String name, JsonNode node, long at) {
        boolean pad = name.startsWith(TensorShape.PAD_PREFIX);
        ElementType type = ElementType.of(tensor(name), node.path("dtype").asText());
        List<Long> shape = numbers(name, "shape", node.path("shape"));
        List<Long> offsets = numbers(name, "data_offsets", node.path("data_offsets"));
        long lengthBytes;
        try {
            TensorShape tensor = new TensorShape(pad ? "pad" : name, type, shape);
            lengthBytes = tensor.lengthBytes();
            if (!pad) {
                tensors.add(new ImageTensor(tensor, at));
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ImageException(Fault.CORRUPT, tensor(name) + ": " + e.getMessage(), e);
        }
        if (lengthBytes > ImageLayout.MAX_BLOB_BYTES
                || !offsets.equals(List.of(at, at + lengthBytes))) {
            throw corrupt(
                    String.format(
                            "tensor %s: data_offsets are %s; expected [%d, %d]",
                            shown(name), offsets, at, at + lengthBytes));
        }
        return at + lengthBytes;
    }

    private List<Long> numbers(String name, String field, JsonNode node) {
        List<Long> numbers = new ArrayList<>();
        boolean valid = node.isArray() && node.size() <= TensorShape.MAX_DIMENSIONS;
        for (int i = 0; valid && i < node.size(); i++) {
            JsonNode number = node.get(i);
            valid = number.isIntegralNumber() && number.canConvertToLong();
            numbers.add(number.longValue());
        }
        if (!valid) {
            throw corrupt(
                    String.format(
                            "tensor %s: %s must be an array of at most %d integers",
                            shown(name), field, TensorShape.MAX_DIMENSIONS));
        }
        return numbers;
    }

    /** Each tensor is aligned, and lies in one segment or begins one. */
    private void checkPlaces(ImageLayout layout) {
        int segment = 0;
        long start = 0;
        for (ImageTensor tensor : layout.tensors()) {
            while (segment < layout.segmentBytes().size() - 1
                    && tensor.offsetBytes() >= start + layout.segmentBytes().get(segment)) {
                start += layout.segmentBytes().get(segment++);
            }
            long end = start + layout.segmentBytes().get(segment);
            if (tensor.offsetBytes() % ImageLayout.ALIGN_BYTES != 0
                    || (tensor.endBytes() > end && tensor.offsetBytes() != start)) {
                throw corrupt(
                        String.format(
                                "tensor %s at byte %d is not aligned or crosses a segment",
                                shown(tensor.name()), tensor.offsetBytes()));
            }
        }
    }

    private String tensor(String name) {
        return where + ": tensor " + shown(name);
    }

    private static String shown(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "..." : text;
    }

    private ImageException corrupt(String what) {
        return new ImageException(Fault.CORRUPT, where + ": " + what);
    }

    private ImageException unsupported(String what) {
        return new ImageException(Fault.UNSUPPORTED, where + ": " + what);
    }
}
