package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.d2d.image.ElementType;
import io.hfx.d2d.image.ImageKey;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * A joiner's first words after the handshake. On the wire: one byte, 1 if the manifest is to be
 * sent; then five texts, each two bytes of length and UTF-8: manifest hash, model hash, dtype,
 * layout, layout version. Empty ones ask for anything.
 */
record Join(boolean sendManifest, Wanted wanted) {
    static final int MAX_BYTES = 1024;

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(MAX_BYTES);
        out.put((byte) (sendManifest ? 1 : 0));
        put(out, wanted.manifestHash() == null ? "" : wanted.manifestHash());
        ImageKey key = wanted.key();
        put(out, key == null ? "" : key.modelHash());
        put(out, key == null ? "" : key.dtype().name());
        put(out, key == null ? "" : key.layout());
        put(out, key == null ? "" : Integer.toString(key.layoutVersion()));
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    private static void put(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        out.putShort((short) bytes.length).put(bytes);
    }

    static Join decode(String peer, ByteBuffer in) {
        try {
            boolean sendManifest = in.get() == 1;
            String hash = text(in);
            String model = text(in);
            String dtype = text(in);
            String layout = text(in);
            String version = text(in);
            ImageKey key =
                    model.isEmpty()
                            ? null
                            : new ImageKey(
                                    model,
                                    ElementType.valueOf(dtype),
                                    layout,
                                    Integer.parseInt(version));
            return new Join(sendManifest, new Wanted(key, hash.isEmpty() ? null : hash));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new TransferException(Fault.PROTOCOL, peer + ": a malformed JOIN", e);
        }
    }

    private static String text(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }
}
