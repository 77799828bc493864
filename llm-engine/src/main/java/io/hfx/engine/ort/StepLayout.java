package io.hfx.engine.ort;

import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.SlotSequence;
import io.hfx.engine.executor.StepInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How a step lies in the packed activations: first the decodes, ordered by slot, so that neighbours
 * share one attention run; then each chunk on its own. A gap between slots starts a new range,
 * which costs one more run per layer but no row in the matrix products.
 *
 * @param segments in packed order
 * @param ranges attention runs, in packed order
 * @param wanted packed row of each logits row
 * @param logitsRow per segment of the input its row in the logits, or -1
 * @param tokens rows in all
 */
record StepLayout(
        List<Segment> segments, List<Range> ranges, int[] wanted, int[] logitsRow, int tokens) {
    /**
     * One attention run.
     *
     * @param row first packed row
     * @param slot first slot
     * @param slots number of neighbouring slots
     * @param tokens new tokens of each
     */
    record Range(int row, int slot, int slots, int tokens) {}

    static StepLayout of(StepInput input) {
        List<Segment> packed = new ArrayList<>(input.segments());
        packed.sort(
                Comparator.<Segment>comparingInt(s -> s.tokens().length > 1 ? 1 : 0)
                        .thenComparingInt(StepLayout::slot));
        List<Range> ranges = new ArrayList<>();
        int[] lastRow = new int[packed.size()];
        int row = 0;
        for (int i = 0; i < packed.size(); i++) {
            Segment segment = packed.get(i);
            addTo(ranges, row, slot(segment), segment.tokens().length);
            row += segment.tokens().length;
            lastRow[i] = row - 1;
        }
        return wanted(input, packed, ranges, lastRow, row);
    }

    static int slot(Segment segment) {
        return ((SlotSequence) segment.sequence()).slot();
    }

    private static void addTo(List<Range> ranges, int row, int slot, int tokens) {
        Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
        if (tokens == 1
                && last != null
                && last.tokens() == 1
                && last.slot() + last.slots() == slot) {
            ranges.set(ranges.size() - 1, new Range(last.row(), last.slot(), last.slots() + 1, 1));
        } else {
            ranges.add(new Range(row, slot, 1, tokens));
        }
    }

    private static StepLayout wanted(
            StepInput input, List<Segment> packed, List<Range> ranges, int[] lastRow, int rows) {
        int[] wanted = new int[packed.size()];
        int[] logitsRow = new int[packed.size()];
        int count = 0;
        for (int i = 0; i < packed.size(); i++) {
            Segment segment = packed.get(i);
            int index = identityIndex(input.segments(), segment);
            logitsRow[index] = segment.wantLogits() ? count : -1;
            if (segment.wantLogits()) {
                wanted[count++] = lastRow[i];
            }
        }
        return new StepLayout(packed, ranges, Arrays.copyOf(wanted, count), logitsRow, rows);
    }

    private static int identityIndex(List<Segment> segments, Segment segment) {
        for (int i = 0; i < segments.size(); i++) {
            if (segments.get(i).sequence() == segment.sequence()) {
                return i;
            }
        }
        throw new IllegalArgumentException("not a segment of this step");
    }
}
