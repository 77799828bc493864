package io.hfx.engine.ort;

import io.hfx.engine.executor.KvSequence;

/** A sequence in a slot. The executor may move it while no cursor holds it. */
final class OrtSequence implements KvSequence {
    private final OrtExecutor executor;
    private final int reserveTokens;
    private int slot;
    private int length;
    private boolean pinned;
    private boolean closed;

    OrtSequence(OrtExecutor executor, int slot, int reserveTokens) {
        this.executor = executor;
        this.slot = slot;
        this.reserveTokens = reserveTokens;
    }

    @Override
    public int length() {
        return length;
    }

    /** Gives the slot back: at once, or when the cursor that holds it closes. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (!pinned) {
                executor.release(this);
            }
        }
    }

    OrtExecutor executor() {
        return executor;
    }

    int reserveTokens() {
        return reserveTokens;
    }

    int slot() {
        return slot;
    }

    void moveTo(int newSlot) {
        slot = newSlot;
    }

    boolean pinned() {
        return pinned;
    }

    boolean closed() {
        return closed;
    }

    void pin() {
        pinned = true;
    }

    void unpin() {
        pinned = false;
        if (closed) {
            executor.release(this);
        }
    }

    void commit(int newLength) {
        length = newLength;
    }

    @Override
    public String toString() {
        return "sequence in slot " + slot + " with " + length + " tokens";
    }
}
