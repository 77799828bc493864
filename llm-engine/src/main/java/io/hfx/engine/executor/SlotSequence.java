package io.hfx.engine.executor;

/** A sequence in a numbered slot; a {@link SequenceTable} makes it and alone changes it. */
public final class SlotSequence implements KvSequence {
    private final SequenceTable table;
    private final int reserveTokens;
    private int slot;
    private int length;
    private boolean pinned;
    private boolean closed;

    SlotSequence(SequenceTable table, int slot, int reserveTokens) {
        this.table = table;
        this.slot = slot;
        this.reserveTokens = reserveTokens;
    }

    @Override
    public int length() {
        return length;
    }

    /** The slot now; it changes only while no step holds the sequence. */
    public int slot() {
        return slot;
    }

    /** Whether an open step holds the sequence: its slot is neither moved nor given away. */
    public boolean pinned() {
        return pinned;
    }

    /** Gives the slot back: at once, or when the step that holds the sequence ends. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (!pinned) {
                table.free(slot);
            }
        }
    }

    SequenceTable table() {
        return table;
    }

    int reserveTokens() {
        return reserveTokens;
    }

    boolean closed() {
        return closed;
    }

    void moveTo(int newSlot) {
        slot = newSlot;
    }

    void commit(int newLength) {
        length = newLength;
    }

    void pin() {
        pinned = true;
    }

    void unpin() {
        pinned = false;
        if (closed) {
            table.free(slot);
        }
    }

    @Override
    public String toString() {
        return "sequence in slot " + slot + " with " + length + " tokens";
    }
}
