package io.hfx.scheduler.policy;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A step in the making: adds decodes and prefill chunks while tokens, sequences and KV last. Shared
 * by the policies; made anew for each step.
 */
public final class Batching {
    private final StepView view;
    private final KvBudget kv;
    private final List<SequenceKey> decodes = new ArrayList<>();
    private final List<Composition.Chunk> chunks = new ArrayList<>();
    private final List<SequenceKey> preempted = new ArrayList<>();
    private final Set<SequenceKey> taken = new HashSet<>();
    private StepShape shape = StepShape.EMPTY;
    private long freeKvUnits;

    public Batching(StepView view) {
        this.view = view;
        this.kv = view.worker().kv();
        this.freeKvUnits = view.freeKvUnits();
    }

    /** Sequences in the step so far. */
    public int sequences() {
        return decodes.size() + chunks.size();
    }

    public boolean isEmpty() {
        return sequences() == 0;
    }

    /** The step so far, for the latency model. */
    public StepShape shape() {
        return shape;
    }

    /** Adds every decoding sequence, as {@link #decode} does. */
    public List<SequenceView> decodeAll() {
        return decode(view.decoding());
    }

    /**
     * Adds these decoding sequences, in this order, as far as there is room. Where KV runs out the
     * latest arrivals lose theirs and are computed again later, as in vLLM.
     *
     * @return the sequences that decode
     */
    public List<SequenceView> decode(Collection<? extends SequenceView> wanted) {
        List<SequenceView> decoding = new ArrayList<>();
        for (SequenceView sequence : wanted) {
            if (taken.contains(sequence.key()) || sequences() >= view.worker().maxSequences()) {
                continue;
            }
            long more = growth(sequence, sequence.computed() + 1);
            if (more > freeKvUnits) {
                List<SequenceView> running = new ArrayList<>(view.decoding());
                while (more > freeKvUnits && preemptLatest(running)) {
                    // each round frees the KV of one more sequence
                }
            }
            if (more <= freeKvUnits && taken.add(sequence.key())) {
                freeKvUnits -= more;
                decodes.add(sequence.key());
                decoding.add(sequence);
                shape = shape.plusDecode(sequence.computed() + 1);
            }
        }
        return decoding;
    }

    /**
     * Adds a prefill chunk, as long as there is KV for it and room for one more sequence. Where
     * nothing else could run, the latest of the started prefills give their KV up for it, so that a
     * worker never stands still.
     *
     * @param tokens at most; less where fewer remain
     * @return tokens added, 0 if it does not fit
     */
    public int prefill(SequenceView sequence, int tokens) {
        int n = Math.min(tokens, sequence.remainingPrefill());
        if (n <= 0
                || sequences() >= view.worker().maxSequences()
                || taken.contains(sequence.key())) {
            return 0;
        }
        long more = growth(sequence, sequence.computed() + n);
        if (more > freeKvUnits && isEmpty() && !view.hasSuspended() && view.decoding().isEmpty()) {
            List<SequenceView> others = new ArrayList<>(view.prefilling());
            others.removeIf(s -> s.key().equals(sequence.key()));
            while (more > freeKvUnits && preemptLatest(others)) {
                // each round frees the KV of one more sequence
            }
        }
        if (more > freeKvUnits || !taken.add(sequence.key())) {
            return 0;
        }
        freeKvUnits -= more;
        chunks.add(new Composition.Chunk(sequence.key(), n));
        shape = shape.plusChunk(sequence.computed(), n);
        return n;
    }

    /** Takes the KV of a sequence that is not in the step; it will be computed again. */
    public void preempt(SequenceView sequence) {
        if (taken.add(sequence.key())) {
            preempted.add(sequence.key());
            freeKvUnits += kv.cost(sequence.tokensInKv());
        }
    }

    /** KV units that neither a sequence nor this step holds. */
    public long freeKvUnits() {
        return freeKvUnits;
    }

    /** Whether KV is left for the next {@code tokens} positions of a sequence. */
    public boolean hasKvFor(SequenceView sequence, int tokens) {
        return growth(sequence, sequence.computed() + tokens) <= freeKvUnits;
    }

    public Composition composition() {
        return new Composition(decodes, chunks, preempted, List.of(), false);
    }

    private long growth(SequenceView sequence, int tokens) {
        long held = sequence.tokensInKv() == 0 ? 0 : kv.cost(sequence.tokensInKv());
        return kv.cost(tokens) - held;
    }

    /** Takes the KV of the last of these that is neither in the step nor preempted yet. */
    private boolean preemptLatest(List<SequenceView> running) {
        for (int i = running.size() - 1; i >= 0; i--) {
            if (!taken.contains(running.get(i).key())) {
                preempt(running.get(i));
                return true;
            }
        }
        return false;
    }
}
