package io.hfx.scheduler.step;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Orders what a cache has of a sequence to be copied into its KV before its first chunk runs. Where
 * others decode, that takes a small share of their step; what is more waits for the next ones, and
 * the chunk with it.
 */
final class Restoring {
    /** Of the step that the copying delays. Ours. */
    private static final double MOST_OF_A_STEP = 0.1;

    private final WorkerSpec worker;
    private final Roster roster;

    Restoring(WorkerSpec worker, Roster roster) {
        this.worker = worker;
        this.roster = roster;
    }

    /**
     * Adds the commands that make the plan's sequences ready.
     *
     * @return what of the plan can run after them
     */
    StepPlan before(StepPlan plan, LatencyModel latency, List<WorkerCommand> commands) {
        if (plan.chunks().stream().noneMatch(this::isToBeRestored)) {
            return plan;
        }
        int left = plan.decodes().isEmpty() ? Integer.MAX_VALUE : mostTokens(plan, latency);
        List<StepPlan.Chunk> ready = new ArrayList<>();
        for (StepPlan.Chunk chunk : plan.chunks()) {
            Sequence s = roster.get(chunk.sequence());
            if (s.isToBeRestored()) {
                int tokens = Math.min(left, s.cached - s.computed);
                restore(s, tokens, commands);
                left -= tokens;
            }
            if (s.isToBeRestored()) {
                putOff(chunk);
            } else {
                ready.add(chunk);
            }
        }
        return new StepPlan(plan.decodes(), ready);
    }

    private boolean isToBeRestored(StepPlan.Chunk chunk) {
        return roster.get(chunk.sequence()).isToBeRestored();
    }

    private void restore(Sequence s, int tokens, List<WorkerCommand> commands) {
        if (tokens > 0) {
            commands.add(new WorkerCommand.Restore(s.key(), s.computed, tokens));
            roster.move(s, Sequence.Phase.PREFILLING, s.computed + tokens, s.generated);
        }
    }

    /** It holds KV for what it has; its forks have nothing yet. */
    private void putOff(StepPlan.Chunk chunk) {
        Sequence s = roster.get(chunk.sequence());
        roster.hold(s, s.computed == 0 ? 0 : worker.kv().cost(s.computed));
        chunk.forks().forEach(fork -> roster.hold(roster.get(fork), 0));
    }

    private int mostTokens(StepPlan plan, LatencyModel latency) {
        StepShape shape = StepShape.EMPTY;
        for (SequenceKey key : plan.decodes()) {
            shape = shape.plusDecode(roster.get(key).computed + 1);
        }
        return worker.restore().tokensWithin(MOST_OF_A_STEP * latency.stepNanos(shape));
    }
}
