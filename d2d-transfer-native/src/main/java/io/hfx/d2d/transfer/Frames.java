package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.d2d.image.Chunks;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalInt;

/** What is said after the greetings: one byte of type, four of length, the payload. Big-endian. */
final class Frames {
    static final int HEADER_BYTES = 5;

    /** Payload of a chunk before its bytes: the index. */
    static final int INDEX_BYTES = 4;

    private static final int MAX_REASON_CHARS = 500;
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** Types of frames with the largest payload of each. */
    enum Type {
        /** 32 bytes. */
        PROOF(1, WorkerKey.PROOF_BYTES),
        /** See {@link Join}. */
        JOIN(2, Join.MAX_BYTES),
        /** See {@link Ack}. */
        ACK(3, Ack.MAX_BYTES),
        /** Two bytes of code, the reason in UTF-8. The seed closes after it. */
        NACK(4, 2 + 4 * MAX_REASON_CHARS),
        /** Index of a chunk. */
        REQUEST(5, INDEX_BYTES),
        /** Index of the chunk, its bytes. */
        CHUNK(6, INDEX_BYTES + Chunks.MAX_BYTES);

        private final int code;
        private final int maxBytes;

        Type(int code, int maxBytes) {
            this.code = code;
            this.maxBytes = maxBytes;
        }
    }

    private Frames() {}

    static ByteBuffer of(Type type, byte[] payload) {
        return header(type, payload.length, payload.length).put(payload).flip();
    }

    static ByteBuffer request(int index) {
        return header(Type.REQUEST, INDEX_BYTES, INDEX_BYTES).putInt(index).flip();
    }

    /** A chunk's frame up to its bytes. */
    static ByteBuffer chunk(int index, int lengthBytes) {
        return header(Type.CHUNK, INDEX_BYTES + lengthBytes, INDEX_BYTES).putInt(index).flip();
    }

    private static ByteBuffer header(Type type, int lengthBytes, int roomBytes) {
        return ByteBuffer.allocate(HEADER_BYTES + roomBytes)
                .put((byte) type.code)
                .putInt(lengthBytes);
    }

    /** Refuses what the peer asked for; returns what the caller throws. */
    static TransferException refuse(Link link, Fault fault, String reason, Deadline deadline) {
        byte[] text = shown(reason).getBytes(UTF_8);
        ByteBuffer payload = ByteBuffer.allocate(2 + text.length);
        payload.putShort((short) fault.code()).put(text);
        link.write(of(Type.NACK, payload.array()), deadline);
        link.end(LINGER);
        return new TransferException(fault, link.peer() + ": refused: " + reason);
    }

    /**
     * Reads a whole frame of the type that is due.
     *
     * @throws TransferException with the peer's own fault if it refuses instead
     */
    static ByteBuffer read(Link link, Type due, Deadline deadline) {
        ByteBuffer payload = ByteBuffer.allocate(readHeader(link, due, deadline));
        link.read(payload, deadline);
        return payload.flip();
    }

    /** Reads a frame's header; the length of its payload is within the limit of its type. */
    static int readHeader(Link link, Type due, Deadline deadline) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        link.read(header, deadline);
        header.flip();
        return length(link, header, due, deadline);
    }

    /**
     * The index in the next request, whatever it is; empty if the joiner ended the link.
     *
     * @param whole for the request from its first byte on
     */
    static OptionalInt readRequest(Link link, Deadline idle, Duration whole) {
        link.awaitReadable(idle);
        Deadline deadline = Deadline.in(whole);
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + INDEX_BYTES);
        if (!link.readOrEnd(frame, deadline)) {
            return OptionalInt.empty();
        }
        frame.flip();
        if (length(link, frame, Type.REQUEST, deadline) != INDEX_BYTES) {
            throw new TransferException(Fault.PROTOCOL, link.peer() + ": a malformed request");
        }
        return OptionalInt.of(frame.getInt());
    }

    private static int length(Link link, ByteBuffer header, Type due, Deadline deadline) {
        int code = header.get();
        int length = header.getInt();
        if (code == Type.NACK.code && length >= 2 && length <= Type.NACK.maxBytes) {
            throw refusal(link, length, deadline);
        }
        if (code != due.code || length < 0 || length > due.maxBytes) {
            throw new TransferException(
                    Fault.PROTOCOL,
                    String.format(
                            "%s: a frame of type %d and %d bytes where %s of at most %d was due",
                            link.peer(), code, length, due, due.maxBytes));
        }
        return length;
    }

    private static TransferException refusal(Link link, int length, Deadline deadline) {
        ByteBuffer payload = ByteBuffer.allocate(length);
        link.read(payload, deadline);
        Fault fault = Fault.of(Short.toUnsignedInt(payload.flip().getShort()));
        byte[] text = Arrays.copyOfRange(payload.array(), 2, length);
        return new TransferException(
                fault, link.peer() + ": the seed refuses: " + shown(new String(text, UTF_8)));
    }

    /**
     * At most 500 characters, none of them a control character: the peer's words may get logged.
     */
    private static String shown(String text) {
        String head = text.length() > MAX_REASON_CHARS ? text.substring(0, MAX_REASON_CHARS) : text;
        return head.replaceAll("\\p{Cntrl}", "?");
    }
}
