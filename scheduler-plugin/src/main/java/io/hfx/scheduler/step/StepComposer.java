package io.hfx.scheduler.step;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Turns what a policy wants into a plan that can run: checks every wish, adds the forks, takes the
 * KV.
 */
final class StepComposer {
    private final WorkerSpec worker;
    private final Roster roster;
    private final KvBudget kv;

    StepComposer(WorkerSpec worker, Roster roster) {
        this.worker = worker;
        this.roster = roster;
        this.kv = worker.kv();
    }

    /**
     * Checks a composition and takes KV for it.
     *
     * @throws IllegalStateException if it asks for the impossible
     */
    StepPlan plan(Composition wanted, Predicate<Sequence> open) {
        if (wanted.decodes().isEmpty() && wanted.chunks().isEmpty()) {
            return StepPlan.EMPTY;
        }
        Set<SequenceKey> seen = new HashSet<>();
        for (SequenceKey key : wanted.decodes()) {
            Sequence s = fresh(key, seen, open);
            require(s.phase == Sequence.Phase.DECODING, "decodes a sequence in prefill", key);
            roster.hold(s, kv.cost(s.computed + 1));
        }
        List<StepPlan.Chunk> chunks = new ArrayList<>();
        for (Composition.Chunk chunk : wanted.chunks()) {
            chunks.add(chunk(chunk, fresh(chunk.sequence(), seen, open)));
        }
        if (seen.size() > worker.maxSequences()) {
            throw new IllegalStateException(
                    "policy runs " + seen.size() + " sequences, most " + worker.maxSequences());
        }
        chunks.replaceAll(chunk -> withForks(chunk, seen));
        return new StepPlan(wanted.decodes(), chunks);
    }

    OpenStep open(StepPlan plan, LatencyModel latency) {
        StepShape shape = StepShape.EMPTY;
        for (SequenceKey key : plan.decodes()) {
            shape = shape.plusDecode(roster.get(key).computed + 1);
        }
        for (StepPlan.Chunk chunk : plan.chunks()) {
            shape = shape.plusChunk(chunk.fromToken(), chunk.tokens());
        }
        return new OpenStep(plan, shape, latency.stepNanos(shape));
    }

    /** Waiting sequences, less those that will be forked from another choice of their prompt. */
    Collection<Sequence> startable(Predicate<Sequence> free) {
        Predicate<Sequence> first = s -> s.generated > 0 || !hasElder(s);
        return roster.in(Sequence.Phase.WAITING, free.and(first));
    }

    /** Whether an earlier choice of the same prompt has not finished its prefill yet. */
    private boolean hasElder(Sequence s) {
        for (Sequence other : roster.group(s.request().id())) {
            if (other.prompt() == s.prompt()
                    && other.key().index() < s.key().index()
                    && other.generated == 0
                    && other.leaving == null) {
                return true;
            }
        }
        return false;
    }

    private StepPlan.Chunk chunk(Composition.Chunk wanted, Sequence s) {
        SequenceKey key = s.key();
        int remaining = s.remainingPrefill();
        require(s.phase != Sequence.Phase.DECODING, "prefills a decoding sequence", key);
        require(s.isRunnable(), "prefills a sequence that moves", key);
        require(wanted.tokens() >= 1 && wanted.tokens() <= remaining, "wrong chunk size", key);
        boolean completes = wanted.tokens() == remaining;
        require(completes || worker.kind() != WorkerSpec.Kind.WHOLE, "cuts a whole request", key);
        roster.hold(s, kv.cost(s.computed() + wanted.tokens()));
        return new StepPlan.Chunk(key, s.computed(), wanted.tokens(), completes, List.of());
    }

    /** Takes as many other choices along as there is room for once all that was wanted is in. */
    private StepPlan.Chunk withForks(StepPlan.Chunk chunk, Set<SequenceKey> seen) {
        Sequence s = roster.get(chunk.sequence());
        if (!chunk.completes() || s.generated > 0) {
            return chunk;
        }
        List<Sequence> wanted = forksOf(s);
        if (wanted.isEmpty()) {
            return chunk;
        }
        List<SequenceKey> forks = new ArrayList<>();
        for (Sequence fork : wanted) {
            long units = kv.cost(s.prefillTarget());
            if (units <= roster.freeKvUnits() && seen.size() < worker.maxSequences()) {
                roster.hold(fork, units);
                seen.add(fork.key());
                forks.add(fork.key());
            }
        }
        return new StepPlan.Chunk(chunk.sequence(), chunk.fromToken(), chunk.tokens(), true, forks);
    }

    private List<Sequence> forksOf(Sequence s) {
        List<Sequence> group = roster.group(s.request().id());
        if (group.size() == 1) {
            return List.of();
        }
        List<Sequence> forks = new ArrayList<>();
        for (Sequence other : group) {
            if (other != s
                    && other.prompt() == s.prompt()
                    && other.phase == Sequence.Phase.WAITING
                    && other.generated == 0) {
                forks.add(other);
            }
        }
        return forks;
    }

    private Sequence fresh(SequenceKey key, Set<SequenceKey> seen, Predicate<Sequence> open) {
        Sequence sequence = roster.get(key);
        require(seen.add(key), "names a sequence twice", key);
        require(!open.test(sequence), "runs a sequence of an open step", key);
        return sequence;
    }

    private static void require(boolean holds, String what, SequenceKey key) {
        if (!holds) {
            throw new IllegalStateException("policy " + what + ": " + key);
        }
    }
}
