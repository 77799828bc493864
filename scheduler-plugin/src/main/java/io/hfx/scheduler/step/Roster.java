package io.hfx.scheduler.step;

import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The sequences of one worker, by request and by phase, with the KV that they hold. */
final class Roster {
    private final Map<SequenceKey, Sequence> all = new LinkedHashMap<>();
    private final Map<Long, List<Sequence>> byRequest = new LinkedHashMap<>();
    private final Map<Sequence.Phase, Map<SequenceKey, Sequence>> byPhase =
            new EnumMap<>(Sequence.Phase.class);
    private final long totalKvUnits;
    private long heldKvUnits;
    private long contextTokens;
    private long pendingPrefillTokens;

    Roster(long totalKvUnits) {
        this.totalKvUnits = totalKvUnits;
        for (Sequence.Phase phase : Sequence.Phase.values()) {
            byPhase.put(phase, new LinkedHashMap<>());
        }
    }

    void add(Sequence sequence) {
        all.put(sequence.key(), sequence);
        byRequest.computeIfAbsent(sequence.request().id(), id -> new ArrayList<>()).add(sequence);
        phase(sequence.phase).put(sequence.key(), sequence);
        pendingPrefillTokens += pending(sequence);
    }

    /**
     * Takes a sequence off.
     *
     * @return whether it was the last of its request
     */
    boolean remove(Sequence sequence) {
        all.remove(sequence.key());
        phase(sequence.phase).remove(sequence.key());
        hold(sequence, 0);
        contextTokens -= sequence.computed;
        pendingPrefillTokens -= pending(sequence);
        List<Sequence> group = group(sequence.request().id());
        group.remove(sequence);
        if (group.isEmpty()) {
            byRequest.remove(sequence.request().id());
            return true;
        }
        return false;
    }

    /** Changes where a sequence stands, and how much of it is computed. */
    void move(Sequence sequence, Sequence.Phase phase, int computed, int generated) {
        pendingPrefillTokens -= pending(sequence);
        contextTokens += computed - sequence.computed;
        if (phase != sequence.phase) {
            phase(sequence.phase).remove(sequence.key());
            phase(phase).put(sequence.key(), sequence);
        }
        sequence.phase = phase;
        sequence.computed = computed;
        sequence.generated = generated;
        pendingPrefillTokens += pending(sequence);
    }

    /** Its KV is lost, and so is what a cache had for it: it waits to be computed again. */
    void forget(Sequence sequence) {
        cached(sequence, 0);
        move(sequence, Sequence.Phase.WAITING, 0, sequence.generated);
        hold(sequence, 0);
    }

    /** A cache has so much of it. */
    void cached(Sequence sequence, int tokens) {
        pendingPrefillTokens -= pending(sequence);
        sequence.cached = tokens;
        pendingPrefillTokens += pending(sequence);
    }

    void hold(Sequence sequence, long units) {
        heldKvUnits += units - sequence.kvUnits;
        sequence.kvUnits = units;
        if (heldKvUnits > totalKvUnits) {
            throw new IllegalStateException(
                    "policy overdrew KV: " + heldKvUnits + " of " + totalKvUnits + " units held");
        }
    }

    @Nullable Sequence find(SequenceKey key) {
        return all.get(key);
    }

    Sequence get(SequenceKey key) {
        Sequence sequence = all.get(key);
        if (sequence == null) {
            throw new IllegalStateException("no sequence " + key + " on this worker");
        }
        return sequence;
    }

    /** The unfinished sequences of a request; empty if it has none here. */
    List<Sequence> group(long requestId) {
        return byRequest.getOrDefault(requestId, List.of());
    }

    Collection<Sequence> all() {
        return all.values();
    }

    Collection<Sequence> in(Sequence.Phase phase, Predicate<Sequence> free) {
        return new Filtered<>(phase(phase).values(), free);
    }

    int count(Sequence.Phase phase) {
        return phase(phase).size();
    }

    /** Sequences that a step may run. */
    int runnable() {
        return all.size() - count(Sequence.Phase.PAUSED) - count(Sequence.Phase.ARRIVING);
    }

    /** How far a request is that has an unfinished sequence here. */
    Progress progress(long requestId) {
        RequestSpec request = group(requestId).get(0).request();
        List<Integer> generated = new ArrayList<>();
        for (int i = 0; i < request.sequences(); i++) {
            Sequence sequence = find(new SequenceKey(requestId, i));
            generated.add(sequence == null ? Progress.ENDED : sequence.generated);
        }
        return new Progress(requestId, generated);
    }

    /** How far every request is that has made a token. */
    List<Progress> progress() {
        List<Progress> all = new ArrayList<>();
        byRequest.forEach(
                (id, group) -> {
                    if (group.stream().anyMatch(s -> s.generated > 0)) {
                        all.add(progress(id));
                    }
                });
        return all;
    }

    long freeKvUnits() {
        return totalKvUnits - heldKvUnits;
    }

    long contextTokens() {
        return contextTokens;
    }

    long pendingPrefillTokens() {
        return pendingPrefillTokens;
    }

    private Map<SequenceKey, Sequence> phase(Sequence.Phase phase) {
        Map<SequenceKey, Sequence> found = byPhase.get(phase);
        if (found == null) {
            throw new AssertionError(phase);
        }
        return found;
    }

    /** A choice whose prompt another one computes costs no prefill of its own. */
    private static long pending(Sequence s) {
        boolean forked = s.generated == 0 && s.key().index() % s.request().choices() != 0;
        return forked && s.phase == Sequence.Phase.WAITING ? 0 : s.remainingPrefill();
    }
}
