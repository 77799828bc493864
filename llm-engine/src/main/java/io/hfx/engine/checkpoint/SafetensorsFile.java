package io.hfx.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One {@code .safetensors} file: 8 bytes little-endian header length, a JSON header, raw data. The
 * header is checked whole on opening: every tensor's bytes match its type and shape, lie inside the
 * file, and together cover the data without gap or overlap.
 *
 * <p>Reads by position, so any number of threads may read at a time; no page is mapped, so nothing
 * waits for the garbage collector to be let go. The owner closes it.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** The format's own limit on the header. */
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;

    /**
     * A tensor in the file.
     *
     * @param fromByte first byte, counted from the start of the data
     * @param toByte one past the last byte
     */
    record Entry(TensorSpec spec, DType dtype, long fromByte, long toByte) {}

    /** Takes the elements of a tensor in order, piece by piece. */
    @FunctionalInterface
    public interface FloatSink {
        /** The array is used again after the call. */
        void accept(float[] values, int count);
    }

    private final Path path;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, Entry> entries;

    private SafetensorsFile(
            Path path, FileChannel channel, long dataStart, Map<String, Entry> entries) {
        this.path = path;
        this.channel = channel;
        this.dataStart = dataStart;
        this.entries = entries;
    }

    static SafetensorsFile open(Path path) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            SafetensorsFile file = open(path, channel);
            channel = null;
            return file;
        } catch (IOException e) {
            throw new CheckpointException(path + ": cannot be read: " + e.getMessage(), e);
        } finally {
            closeQuietly(channel);
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new CheckpointException("cannot close a file: " + e.getMessage(), e);
        }
    }

    private static SafetensorsFile open(Path path, FileChannel channel) throws IOException {
        long fileBytes = channel.size();
        if (fileBytes < LENGTH_BYTES) {
            throw new CheckpointException(path + ": too short for a safetensors header");
        }
        ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(path, channel, length, 0);
        long headerBytes = length.getLong(0);
        if (headerBytes < 2
                || headerBytes > MAX_HEADER_BYTES
                || headerBytes > fileBytes - LENGTH_BYTES) {
            throw new CheckpointException(
                    String.format(
                            "%s: header length is %s bytes; allowed: 2 to %d, inside the file of"
                                    + " %d bytes",
                            path, Long.toUnsignedString(headerBytes), MAX_HEADER_BYTES, fileBytes));
        }
        ByteBuffer header = ByteBuffer.allocate((int) headerBytes);
        readFully(path, channel, header, LENGTH_BYTES);
        long dataStart = LENGTH_BYTES + headerBytes;
        JsonFile json = JsonFile.parse(path + ": header", header.array());
        return new SafetensorsFile(
                path, channel, dataStart, parse(path, json, fileBytes - dataStart));
    }

    private static Map<String, Entry> parse(Path path, JsonFile header, long dataBytes) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : header.root().properties()) {
            if (!field.getKey().equals("__metadata__")) {
                entries.put(field.getKey(), entry(path, field.getKey(), field.getValue()));
            }
        }
        checkCoverage(path, entries, dataBytes);
        return Collections.unmodifiableMap(entries);
    }

    private static Entry entry(Path path, String name, JsonNode node) {
        String where = path + ": tensor " + name;
        DType dtype = dtype(where, node.path("dtype").asText());
        List<Long> shape = numbers(where + ": shape", node.path("shape"));
        List<Long> offsets = numbers(where + ": data_offsets", node.path("data_offsets"));
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw new CheckpointException(
                    where + ": data_offsets is " + offsets + "; allowed: [from, to], from <= to");
        }
        TensorSpec spec = new TensorSpec(name, shape);
        long foundBytes = offsets.get(1) - offsets.get(0);
        long neededBytes;
        try {
            neededBytes = Math.multiplyExact(spec.elements(), dtype.bytes());
        } catch (ArithmeticException e) {
            throw new CheckpointException(where + ": shape " + shape + " is too large", e);
        }
        if (foundBytes != neededBytes) {
            throw new CheckpointException(
                    String.format(
                            "%s: data_offsets span %d bytes, but %s %s takes %d",
                            where, foundBytes, dtype, shape, neededBytes));
        }
        return new Entry(spec, dtype, offsets.get(0), offsets.get(1));
    }

    private static DType dtype(String where, String name) {
        for (DType dtype : DType.values()) {
            if (dtype.name().equals(name)) {
                return dtype;
            }
        }
        throw new CheckpointException(
                where + ": dtype is \"" + name + "\"; supported: F32, F16, BF16");
    }

    private static List<Long> numbers(String where, JsonNode node) {
        List<Long> numbers = new ArrayList<>();
        boolean valid = node.isArray() && node.size() <= 8;
        for (JsonNode number : node) {
            valid &= number.isIntegralNumber() && number.canConvertToLong();
            valid &= number.longValue() >= 0;
            numbers.add(number.longValue());
        }
        if (!valid) {
            throw new CheckpointException(
                    where + " must be an array of at most 8 integers of at least 0");
        }
        return numbers;
    }

    private static void checkCoverage(Path path, Map<String, Entry> entries, long dataBytes) {
        List<Entry> ordered = new ArrayList<>(entries.values());
        ordered.sort(Comparator.comparingLong(Entry::fromByte).thenComparing(Entry::toByte));
        long covered = 0;
        for (Entry entry : ordered) {
            if (entry.fromByte != covered || entry.toByte > dataBytes) {
                throw new CheckpointException(
                        String.format(
                                "%s: tensor %s: data_offsets are [%d, %d]; expected a start of %d"
                                        + " (no gap, no overlap) and an end of at most %d",
                                path,
                                entry.spec.name(),
                                entry.fromByte,
                                entry.toByte,
                                covered,
                                dataBytes));
            }
            covered = entry.toByte;
        }
        if (covered != dataBytes) {
            throw new CheckpointException(
                    String.format(
                            "%s: %d bytes of data, but its tensors take %d",
                            path, dataBytes, covered));
        }
    }

    Path path() {
        return path;
    }

    /** Tensors by name, in the header's order. */
    Map<String, Entry> entries() {
        return entries;
    }

    /**
     * Reads a tensor as F32.
     *
     * @param pieceElements elements per call of the sink; the last piece may be shorter
     * @param digest is given the stored bytes
     */
    void read(Entry entry, int pieceElements, MessageDigest digest, FloatSink sink) {
        long left = entry.spec.elements();
        int capacity = (int) Math.min(pieceElements, left);
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(capacity * entry.dtype.bytes())
                        .order(ByteOrder.LITTLE_ENDIAN);
        float[] floats = new float[capacity];
        short[] shorts = new short[entry.dtype == DType.F32 ? 0 : capacity];
        long position = dataStart + entry.fromByte;
        try {
            for (; left > 0; left -= capacity) {
                int count = (int) Math.min(capacity, left);
                bytes.clear().limit(count * entry.dtype.bytes());
                readFully(path, channel, bytes, position);
                position += bytes.flip().limit();
                digest.update(bytes.duplicate());
                entry.dtype.toFloats(bytes, floats, shorts, count);
                sink.accept(floats, count);
            }
        } catch (IOException e) {
            throw new CheckpointException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The first values of a tensor as F32, at most {@code elements}. */
    float[] head(Entry entry, int elements) {
        int count = (int) Math.min(elements, entry.spec.elements());
        ByteBuffer bytes =
                ByteBuffer.allocate(count * entry.dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        try {
            readFully(path, channel, bytes, dataStart + entry.fromByte);
        } catch (IOException e) {
            throw new CheckpointException(path + ": cannot be read: " + e.getMessage(), e);
        }
        float[] floats = new float[count];
        entry.dtype.toFloats(bytes.flip(), floats, new short[count], count);
        return floats;
    }

    private static void readFully(Path path, FileChannel channel, ByteBuffer into, long position)
            throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw new CheckpointException(path + ": ends at byte " + at + ", too early");
            }
            at += read;
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }
}
