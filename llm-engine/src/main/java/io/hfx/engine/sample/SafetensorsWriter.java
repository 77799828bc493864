package io.hfx.engine.sample;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.checkpoint.DType;
import io.hfx.engine.checkpoint.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Writes BF16 tensors as one safetensors file, in the order given. */
final class SafetensorsWriter {
    private static final int PIECE_ELEMENTS = 1 << 18;

    /** Data starts at a multiple of this. */
    private static final int ALIGN_BYTES = 64;

    private static final int LENGTH_BYTES = 8;

    /** Gives the elements of a tensor. */
    @FunctionalInterface
    interface Source {
        /** Fills {@code out} with the elements from {@code from} of the {@code index}-th tensor. */
        void fill(TensorSpec spec, int index, long from, short[] out);
    }

    private SafetensorsWriter() {}

    /** Writes beside the file first and renames at the end, so that the file is whole or absent. */
    static void write(Path file, List<TensorSpec> specs, Source source) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (FileChannel channel =
                FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            writeFully(channel, header(specs));
            for (int index = 0; index < specs.size(); index++) {
                writeTensor(channel, specs.get(index), index, source);
            }
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void writeTensor(FileChannel channel, TensorSpec spec, int index, Source source)
            throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(PIECE_ELEMENTS * DType.BF16.bytes())
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (long from = 0; from < spec.elements(); from += PIECE_ELEMENTS) {
            short[] piece = new short[(int) Math.min(PIECE_ELEMENTS, spec.elements() - from)];
            source.fill(spec, index, from, piece);
            bytes.clear().asShortBuffer().put(piece);
            writeFully(channel, bytes.limit(piece.length * DType.BF16.bytes()));
        }
    }

    private static ByteBuffer header(List<TensorSpec> specs) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("__metadata__").put("format", "pt");
        long offsetBytes = 0;
        for (TensorSpec spec : specs) {
            ObjectNode entry = json.putObject(spec.name()).put("dtype", DType.BF16.name());
            spec.shape().forEach(entry.putArray("shape")::add);
            long endBytes = offsetBytes + spec.elements() * DType.BF16.bytes();
            entry.putArray("data_offsets").add(offsetBytes).add(endBytes);
            offsetBytes = endBytes;
        }
        byte[] text = json.toString().getBytes(UTF_8);
        int padding = Math.floorMod(-(LENGTH_BYTES + text.length), ALIGN_BYTES);
        ByteBuffer header =
                ByteBuffer.allocate(LENGTH_BYTES + text.length + padding)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(text.length + padding)
                        .put(text);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
