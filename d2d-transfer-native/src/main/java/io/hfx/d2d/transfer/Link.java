package io.hfx.d2d.transfer;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.zip.Checksum;

/**
 * Bytes to and from one peer, in order, for one thread: calls block until done, a deadline passes,
 * or no byte moves for the stall time that the link was made with. Any thread may close it, which
 * ends the call under way. Nothing here proves who the peer is.
 *
 * <p>All calls throw {@link TransferException}: {@code TIMEOUT}, {@code CLOSED} where either end is
 * gone, {@code CANCELLED} where the calling thread is interrupted.
 */
public interface Link extends AutoCloseable {
    /** The other end's address, for messages. */
    String peer();

    /** Fills the buffer. */
    void read(ByteBuffer into, Deadline deadline);

    /**
     * Fills the buffer, and has the sum follow piece by piece: the bytes are still in the cache
     * then, and the peer goes on sending meanwhile.
     */
    void read(ByteBuffer into, Deadline deadline, Checksum sum);

    /** Fills the buffer; false if the peer ended the link before the first byte. */
    boolean readOrEnd(ByteBuffer into, Deadline deadline);

    /** Waits for a first byte, or the end, beyond the stall time: until the deadline alone. */
    void awaitReadable(Deadline deadline);

    /**
     * Writes what remains of the buffer. The bytes of a direct buffer may be read from its memory
     * until {@link #flush} has returned or the link is closed, and its memory, from the first to
     * the last byte of its capacity, may be registered with a network card until the transport has
     * closed what it connected or listens with; those of any other are taken at once.
     */
    void write(ByteBuffer from, Deadline deadline);

    /** Waits until nothing that was written needs its memory any more. */
    void flush(Deadline deadline);

    /**
     * Says no more, and lets the peer end the link: ended here, the peer could lose the last words.
     */
    void end(Duration atMost);

    /** Waits; a close ends it early. */
    void pause(long nanos, Deadline deadline);

    /** When it returns, no memory that was read into or written from is in use by the link. */
    @Override
    void close();
}
