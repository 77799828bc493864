package io.hfx.scheduler.policy;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
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
    private final Set<SequenceKey> gone = new HashSet<>();
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

    /**
     * Adds every decoding sequence, earliest first. Where KV runs out the latest arrivals lose
     * theirs and are computed again later, as in vLLM.
     *
     * @return the sequences that decode
     */
    public List<SequenceView> decodeAll() {
        List<SequenceView> running = new ArrayList<>(view.decoding());
        List<SequenceView> decoding = new ArrayList<>();
        for (SequenceView sequence : running) {
            if (gone.contains(sequence.key()) || sequences() >= view.worker().maxSequences()) {
                continue;
            }
            long more = growth(sequence, sequence.computed() + 1);
            while (more > freeKvUnits && preemptLatest(running, decoding)) {
                // each round frees the KV of one more sequence
            }
            if (more <= freeKvUnits && !gone.contains(sequence.key())) {
                freeKvUnits -= more;
                decodes.add(sequence.key());
                decoding.add(sequence);
            }
        }
        return decoding;
    }

    /**
     * Adds a prefill chunk, as long as there is KV for it and room for one more sequence.
     *
     * @param tokens at most; less where fewer remain
     * @return tokens added, 0 if it does not fit
     */
    public int prefill(SequenceView sequence, int tokens) {
        int n = Math.min(tokens, sequence.remainingPrefill());
        if (n <= 0 || sequences() >= view.worker().maxSequences()) {
            return 0;
        }
        long more = growth(sequence, sequence.computed() + n);
        if (more > freeKvUnits || gone.contains(sequence.key())) {
            return 0;
        }
        freeKvUnits -= more;
        chunks.add(new Composition.Chunk(sequence.key(), n));
        return n;
    }

    public Composition composition() {
        return new Composition(decodes, chunks, preempted, List.of(), false);
    }

    /** Started prefills first, then waiting ones, each in the given order. */
    public static List<SequenceView> toPrefill(
            StepView view, Comparator<? super SequenceView> order) {
        List<SequenceView> found = new ArrayList<>(view.prefilling());
        Collection<? extends SequenceView> waiting = view.waiting();
        found.sort(order);
        List<SequenceView> rest = new ArrayList<>(waiting);
        rest.sort(order);
        found.addAll(rest);
        return found;
    }

    private long growth(SequenceView sequence, int tokens) {
        long held = sequence.computed() == 0 ? 0 : kv.cost(sequence.computed());
        return kv.cost(tokens) - held;
    }

    private boolean preemptLatest(List<SequenceView> running, List<SequenceView> keep) {
        for (int i = running.size() - 1; i >= 0; i--) {
            SequenceView victim = running.get(i);
            if (!keep.contains(victim) && gone.add(victim.key())) {
                preempted.add(victim.key());
                freeKvUnits += kv.cost(victim.computed());
                return true;
            }
        }
        return false;
    }
}
