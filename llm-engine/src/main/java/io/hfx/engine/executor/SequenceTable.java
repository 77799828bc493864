package io.hfx.engine.executor;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Who is in which slot, and the checks that every executor owes its caller before it runs anything.
 * It belongs to one executor and to its thread.
 */
public final class SequenceTable {
    private final ExecutorSpec spec;
    private final int maxStepTokens;
    private final BitSet taken;

    /**
     * @param maxStepTokens most new tokens of one step
     */
    public SequenceTable(ExecutorSpec spec, int maxStepTokens) {
        this.spec = spec;
        this.maxStepTokens = maxStepTokens;
        taken = new BitSet(spec.slots());
    }

    /** Takes the lowest free slot. */
    public SlotSequence open(int reserveTokens) {
        if (reserveTokens < 1 || reserveTokens > spec.maxSequenceTokens()) {
            throw new IllegalArgumentException(
                    "reserveTokens must be 1 to %d, was %d"
                            .formatted(spec.maxSequenceTokens(), reserveTokens));
        }
        int slot = lowestFree();
        if (slot < 0) {
            throw new KvExhaustedException("all " + spec.slots() + " KV slots are taken");
        }
        taken.set(slot);
        return new SlotSequence(this, slot, reserveTokens);
    }

    /** The lowest free slot, or -1. */
    public int lowestFree() {
        int slot = taken.nextClearBit(0);
        return slot < spec.slots() ? slot : -1;
    }

    /** Gives a sequence, which no step may hold, another free slot. */
    public void move(SlotSequence sequence, int slot) {
        idle(sequence);
        if (taken.get(slot)) {
            throw new IllegalStateException("slot " + slot + " is taken");
        }
        taken.set(slot);
        taken.clear(sequence.slot());
        sequence.moveTo(slot);
    }

    /** This executor's open sequence behind a handle. */
    public SlotSequence own(KvSequence sequence) {
        if (!(sequence instanceof SlotSequence own) || own.table() != this) {
            throw new IllegalArgumentException("the sequence belongs to another executor");
        }
        if (own.closed()) {
            throw new IllegalStateException("the sequence is closed");
        }
        return own;
    }

    /** As {@link #own}, and no step may hold it. */
    public SlotSequence idle(KvSequence sequence) {
        SlotSequence own = own(sequence);
        if (own.pinned()) {
            throw new IllegalStateException("the " + own + " is in an open step");
        }
        return own;
    }

    /** Checks every segment of a step: sequence, room, token ids, and the step's size. */
    public void check(StepInput input) {
        Set<KvSequence> seen = new HashSet<>();
        long tokens = 0;
        for (Segment segment : input.segments()) {
            SlotSequence sequence = idle(segment.sequence());
            if (!seen.add(sequence)) {
                throw new IllegalArgumentException("the step has twice the " + sequence);
            }
            checkRoom(sequence, segment.tokens().length);
            checkTokens(segment.tokens());
            tokens += segment.tokens().length;
        }
        if (tokens > maxStepTokens) {
            throw new IllegalArgumentException(
                    "a step of %d tokens, allowed are %d".formatted(tokens, maxStepTokens));
        }
    }

    /** Holds a checked step's sequences until {@link #commit} or {@link #abandon}. */
    public void pin(StepInput input) {
        input.segments().forEach(segment -> ((SlotSequence) segment.sequence()).pin());
    }

    /** Raises the lengths of a complete step and lets its sequences go. */
    public void commit(StepInput input) {
        for (Segment segment : input.segments()) {
            SlotSequence sequence = (SlotSequence) segment.sequence();
            sequence.commit(sequence.length() + segment.tokens().length);
        }
        abandon(input);
    }

    /** Lets the sequences of a step go. */
    public void abandon(StepInput input) {
        input.segments().forEach(segment -> ((SlotSequence) segment.sequence()).unpin());
    }

    /** Checks a copy of {@code tokens} positions from one sequence to an empty other. */
    public void checkFork(KvSequence from, KvSequence to, int tokens) {
        SlotSequence source = own(from);
        SlotSequence target = idle(to);
        if (source == target || target.length() != 0) {
            throw new IllegalArgumentException("fork needs an empty target, it is a " + target);
        }
        int most = Math.min(source.length(), target.reserveTokens());
        if (tokens < 0 || tokens > most) {
            throw new IllegalArgumentException(
                    "fork of %d tokens: allowed are 0 to %d".formatted(tokens, most));
        }
    }

    /** Checks that the positions are committed. */
    public void checkExport(KvSequence sequence, int fromToken, int toToken) {
        SlotSequence own = own(sequence);
        if (fromToken < 0 || fromToken >= toToken || toToken > own.length()) {
            throw new IllegalArgumentException(
                    "export of positions [%d, %d) of a %s".formatted(fromToken, toToken, own));
        }
    }

    /** Checks that a block is of this model and names committed positions. */
    public void checkExport(KvSequence sequence, KvBlock into, String dtype) {
        checkModel(into, dtype);
        checkExport(sequence, into.fromToken(), into.fromToken() + into.tokens());
    }

    /** Checks that a block is of this model and continues the sequence. */
    public void checkRestore(KvSequence sequence, KvBlock block, String dtype) {
        SlotSequence own = idle(sequence);
        checkModel(block, dtype);
        if (block.fromToken() != own.length() || block.tokens() < 1) {
            throw new IllegalArgumentException(
                    "a block of %d tokens from %d does not continue a %s"
                            .formatted(block.tokens(), block.fromToken(), own));
        }
        checkRoom(own, block.tokens());
    }

    /** Raises a length after a copy from elsewhere. */
    public void filled(KvSequence sequence, int newLength) {
        idle(sequence).commit(newLength);
    }

    private void checkModel(KvBlock block, String dtype) {
        if (!block.modelHash().equals(spec.modelHash()) || !block.dtype().equals(dtype)) {
            throw new IllegalArgumentException(
                    "a block of model %s in %s does not fit model %s in %s"
                            .formatted(block.modelHash(), block.dtype(), spec.modelHash(), dtype));
        }
    }

    void free(int slot) {
        taken.clear(slot);
    }

    private static void checkRoom(SlotSequence sequence, int tokens) {
        if ((long) sequence.length() + tokens > sequence.reserveTokens()) {
            throw new IllegalArgumentException(
                    "%d more tokens exceed the %d reserved for a %s"
                            .formatted(tokens, sequence.reserveTokens(), sequence));
        }
    }

    private void checkTokens(int[] tokens) {
        for (int token : tokens) {
            if (token < 0 || token >= spec.vocabulary()) {
                throw new IllegalArgumentException(
                        "token id %d, allowed are 0 to %d".formatted(token, spec.vocabulary() - 1));
            }
        }
    }
}
