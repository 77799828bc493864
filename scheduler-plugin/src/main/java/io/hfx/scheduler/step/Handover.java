package io.hfx.scheduler.step;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.message.Paused;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Requests on their way between this worker and others. The source holds the KV of a paused request
 * until it is told that it goes on here or there; the target takes KV for it before the transfer
 * starts, and gives it back if that fails. So no KV is read that nobody holds.
 */
final class Handover {
    private final Roster roster;
    private final KvBudget kv;
    private final Reporter reporter;
    private final Set<Long> toPause = new LinkedHashSet<>();
    private final Set<Long> toHandBack = new LinkedHashSet<>();

    Handover(Roster roster, KvBudget kv, Reporter reporter) {
        this.roster = roster;
        this.kv = kv;
        this.reporter = reporter;
    }

    void pause(long requestId) {
        toPause.add(requestId);
    }

    void handBack(long requestId) {
        toHandBack.add(requestId);
    }

    /** At a step boundary: the requests to be handed back now. */
    List<Long> takeBack(Predicate<Sequence> open) {
        toHandBack.removeIf(id -> roster.group(id).isEmpty());
        List<Long> due =
                toHandBack.stream()
                        .filter(id -> roster.group(id).stream().noneMatch(open))
                        .toList();
        due.forEach(toHandBack::remove);
        return due;
    }

    /** At a step boundary: stops what is to be paused and can be; the others go on. */
    void settle(Predicate<Sequence> open, long nowNanos) {
        if (toPause.isEmpty()) {
            return;
        }
        toPause.removeIf(id -> roster.group(id).isEmpty());
        for (long id : List.copyOf(toPause)) {
            List<Sequence> group = roster.group(id);
            if (group.stream().anyMatch(open)) {
                continue;
            }
            toPause.remove(id);
            if (group.stream().allMatch(s -> s.phase == Sequence.Phase.DECODING)) {
                group.forEach(s -> to(s, Sequence.Phase.PAUSED));
                reporter.paused(state(id, nowNanos));
            } else {
                reporter.goingOn(id);
            }
        }
    }

    /** A paused request goes on here. */
    void resume(long requestId) {
        for (Sequence sequence : roster.group(requestId)) {
            if (sequence.phase == Sequence.Phase.PAUSED) {
                to(sequence, Sequence.Phase.DECODING);
            }
        }
    }

    /**
     * Takes KV for a request that another worker has paused.
     *
     * @return the fetch of it; where there is no KV for it, its release: it is handed back
     */
    List<WorkerCommand> receive(WorkerOrder.Import order, long nowNanos) {
        List<Sequence> arriving = new ArrayList<>();
        List<WorkerCommand.Piece> pieces = new ArrayList<>();
        long units = 0;
        for (int i = 0; i < order.request().sequences(); i++) {
            int generated = order.state().generated().get(i);
            if (generated != Progress.ENDED) {
                Sequence s = arriving(order, i, nowNanos);
                arriving.add(s);
                pieces.add(new WorkerCommand.Piece(s.key(), tokensInKv(s)));
                units += kv.cost(tokensInKv(s));
            }
        }
        if (units > roster.freeKvUnits()) {
            reporter.handedBack(order.state().progress());
            return arriving.stream().map(Handover::refused).toList();
        }
        for (Sequence s : arriving) {
            roster.add(s);
            roster.hold(s, kv.cost(tokensInKv(s)));
        }
        return List.of(new WorkerCommand.Fetch(order.requestId(), order.from(), pieces));
    }

    /** The transfer is over: its sequences decode here, or have nothing. */
    void fetched(long requestId, boolean complete) {
        for (Sequence s : roster.group(requestId)) {
            if (s.phase != Sequence.Phase.ARRIVING) {
                throw new IllegalStateException("nothing of " + s.key() + " was to be fetched");
            }
            if (complete) {
                roster.move(s, Sequence.Phase.DECODING, tokensInKv(s), s.generated);
            } else {
                to(s, Sequence.Phase.WAITING);
                roster.hold(s, 0);
            }
        }
    }

    private static WorkerCommand refused(Sequence s) {
        return new WorkerCommand.Release(s.key(), WorkerCommand.Cause.HANDED_BACK);
    }

    private static Sequence arriving(WorkerOrder.Import order, int index, long nowNanos) {
        Sequence s =
                new Sequence(
                        new SequenceKey(order.requestId(), index),
                        order.request(),
                        nowNanos - order.ageNanos(),
                        order.demoted(),
                        order.state().generated().get(index));
        s.phase = Sequence.Phase.ARRIVING;
        s.cached = 0; // its KV comes from the other worker
        s.firstTokenNanos = nowNanos - order.state().sinceFirstTokenNanos().get(index);
        s.lastTokenNanos = nowNanos; // the gap that the move makes is made
        return s;
    }

    /** The last token of a decoding sequence is not in KV yet: the next step puts it there. */
    private static int tokensInKv(Sequence s) {
        return s.prefillTarget() - 1;
    }

    private void to(Sequence s, Sequence.Phase phase) {
        roster.move(s, phase, s.computed, s.generated);
    }

    private Paused state(long requestId, long nowNanos) {
        List<Integer> generated = roster.progress(requestId).generated();
        List<Long> sinceFirst = new ArrayList<>();
        for (int i = 0; i < generated.size(); i++) {
            Sequence s = roster.find(new SequenceKey(requestId, i));
            sinceFirst.add(s == null ? 0 : nowNanos - s.firstTokenNanos);
        }
        return new Paused(requestId, generated, sinceFirst);
    }
}
